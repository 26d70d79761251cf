// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxRealtime
import SyrinxTestKit
import Testing

/// Nothing that a client says ends a session, or passes for something else.
@Suite("What a client must not say") struct BadInputTests {
    private static func session(_ fields: String) -> String {
        #"{"type":"session.update","event_id":"e1","session":{"type":"realtime",\#(fields)}}"#
    }

    @Test(arguments: [0, 60_000])
    func `who sends little audio and much behind it is read no further until it is done`(_ length: Int) {
        let stage = Stage()
        var translator = stage.translator
        let now = stage.scene.now
        let text = String(repeating: "a", count: length)
        let item =
            #"{"type":"conversation.item.create","item":{"type":"message","role":"user","#
            + #""content":[{"type":"input_text","text":"\#(text)"}]}}"#
        let second = TestBase64.encode([UInt8](repeating: 0, count: 2 * RealtimeTranslator.rate))
        _ = translator.receive(#"{"type":"input_audio_buffer.append","audio":"\#(second)"}"#, at: now)
        var pairs = 0
        while !translator.isBehind, pairs < 1000 {
            _ = translator.receive(#"{"type":"input_audio_buffer.append","audio":"AAA="}"#, at: now)
            _ = translator.receive(item, at: now)
            pairs += 1
        }
        #expect(pairs <= 128 && pairs * length < 2 << 20)
        while translator.hasWork { _ = translator.work(at: now) }
        #expect(!translator.isBehind)
    }

    private static let deep = String(repeating: "[", count: 5000)
    private static let many = String(repeating: "0,", count: 17_000) + "0"
    private static let large = String(repeating: "a", count: 1 << 20)

    static let table: [(String, code: String, param: String?)] = [
        ("", "invalid_json", nil), ("{", "invalid_json", nil), (deep, "invalid_json", nil),
        (session(#""tools":[\#(many)]"#), "invalid_json", nil),
        (session(#""audio":{"input":{"transcription":{"model":"\#(large)"}}}"#), "invalid_event", nil),
        (#"{"type":1e999}"#, "invalid_json", nil), ("[]", "invalid_event", nil), ("7", "invalid_event", nil),
        ("{}", "missing_required_parameter", "type"), (#"{"type":7}"#, "invalid_type", "type"),
        (#"{"type":"dance"}"#, "unknown_event", "type"),
        (#"{"type":"output_audio_buffer.clear"}"#, "unsupported_value", "type"),
        (#"{"type":"session.update"}"#, "missing_required_parameter", "session"),
        (#"{"type":"session.update","session":{}}"#, "missing_required_parameter", "session.type"),
        (#"{"type":"session.update","session":{"type":"transcription"}}"#, "unsupported_value", "session.type"),
        (session(#""instructions":7"#), "invalid_type", "session.instructions"),
        (session(#""output_modalities":[]"#), "invalid_value", "session.output_modalities"),
        (session(#""output_modalities":["video"]"#), "invalid_value", "session.output_modalities"),
        (session(#""tools":{}"#), "invalid_type", "session.tools"),
        (session(#""tools":[{"type":"mcp"}]"#), "unsupported_value", "session.tools[0].type"),
        (session(#""tools":[{"type":"function"}]"#), "missing_required_parameter", "session.tools[0].name"),
        (session(#""tool_choice":"required""#), "unsupported_value", "session.tool_choice"),
        (
            session(#""audio":{"input":{"format":{"type":"audio/opus"}}}"#), "invalid_value",
            "session.audio.input.format.type"
        ),
        (
            session(#""audio":{"output":{"format":{"type":"audio/pcm","rate":16000}}}"#), "invalid_value",
            "session.audio.output.format.rate"
        ),
        (
            session(#""audio":{"input":{"turn_detection":{"type":"server_vad","threshold":2}}}"#), "invalid_value",
            "session.audio.input.turn_detection.threshold"
        ),
        (
            session(#""audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":1e300}}}"#),
            "invalid_type", "session.audio.input.turn_detection.silence_duration_ms"
        ),
        (
            session(#""audio":{"input":{"turn_detection":{"type":"none"}}}"#), "invalid_value",
            "session.audio.input.turn_detection.type"
        ),
        (#"{"type":"input_audio_buffer.append"}"#, "missing_required_parameter", "audio"),
        (#"{"type":"input_audio_buffer.append","audio":"a"}"#, "invalid_value", "audio"),
        (#"{"type":"input_audio_buffer.append","audio":"AA=="}"#, "invalid_value", "audio"),
        (#"{"type":"input_audio_buffer.append","audio":[1]}"#, "invalid_type", "audio"),
        (#"{"type":"input_audio_buffer.commit"}"#, "input_audio_buffer_commit_empty", nil),
        (#"{"type":"conversation.item.create"}"#, "missing_required_parameter", "item"),
        (#"{"type":"conversation.item.create","item":{"type":"mcp_call"}}"#, "unsupported_value", "item.type"),
        (
            #"{"type":"conversation.item.create","item":{"type":"message","role":"robot","content":[]}}"#,
            "invalid_value", "item.role"
        ),
        (
            #"{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_image"}]}}"#,
            "unsupported_value", "item.content[0].type"
        ),
        (
            #"{"type":"conversation.item.truncate","item_id":"a","content_index":0,"audio_end_ms":-1}"#,
            "invalid_value", "audio_end_ms"
        ),
        (
            #"{"type":"conversation.item.truncate","item_id":"a","content_index":99999999999999999999,"audio_end_ms":1}"#,
            "invalid_type", "content_index"
        ),
        (#"{"type":"response.create","response":[]}"#, "invalid_type", "response"),
        (#"{"type":"response.create","response":{"conversation":"other"}}"#, "invalid_value", "response.conversation"),
        (
            #"{"type":"response.create","response":{"input":[{"type":"item_reference","id":"no"}]}}"#,
            "invalid_item_reference", "response.input"
        ),
        (#"{"type":"response.cancel"}"#, "response_cancel_not_active", nil),
    ]

    @Test(.tags(.unit), arguments: table.indices)
    func `is answered by an error that names it`(index: Int) {
        let (event, code, param) = Self.table[index]
        let stage = Stage()
        let before = stage.events.count
        stage.say(event)
        #expect(stage.errors == [code], "\(event.prefix(200)): \(stage.last("error"))")
        #expect(stage.last("error")["error"]?["param"] == param.map(JSONValue.string) ?? .null)
        #expect(stage.events.count == before + 1)
        stage.types("still there")
        stage.say(#"{"type":"response.create"}"#)
        #expect(stage.scene.prompts.map(\.text) == ["still there"])
    }

    @Test(.tags(.unit)) func `audio may be larger than other events`() {
        let stage = Stage()
        stage.append(milliseconds: 30_000, level: 0)
        #expect(stage.errors.isEmpty)
    }

    @Test(.tags(.unit)) func `a session keeps what a wrong update would have changed`() {
        let stage = Stage()
        stage.say(Self.session(#""instructions":"new","tools":7"#))
        #expect(stage.all("session.updated").isEmpty && stage.briefs.isEmpty)
        #expect(stage.last("error")["error"]?["event_id"] == "e1")
        stage.say(Self.session(#""instructions":"new""#))
        #expect(stage.last("session.updated")["session"]?["instructions"] == "new")
        #expect(stage.briefs.map(\.instructions) == ["new"])
    }

    @Test(.tags(.fuzz), arguments: UInt64(1)...60)
    func `mutated events change nothing but what they say`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let stage = Stage()
        stage.scene.transcribes = ("hello there", .milliseconds(40))
        let good = Self.good
        for _ in 0..<150 {
            var bytes = Array((good.randomElement(using: &random) ?? "{}").utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) { Self.mutate(&bytes, &random) }
            stage.say(String(decoding: bytes, as: UTF8.self))
            if Int.random(in: 0..<4, using: &random) == 0 { stage.pass(40) }
            if Int.random(in: 0..<10, using: &random) == 0 { stage.scene.agent.answers("Well. I say so.") }
            stage.catchUp()
        }
        // However it was treated: responses begin and end in turns, and every event is one.
        var active = 0
        for event in stage.events {
            #expect(event["event_id"]?.string?.isEmpty == false)
            if event["type"] == "response.created" { active += 1 }
            if event["type"] == "response.done" { active -= 1 }
            #expect((0...1).contains(active))
        }
        let ids = stage.events.compactMap { $0["event_id"]?.string }
        #expect(Set(ids).count == stage.events.count)
    }

    private static let good = [
        session(#""instructions":"be brief","tools":[{"type":"function","name":"f","parameters":{}}]"#),
        session(#""audio":{"input":{"turn_detection":null}}"#),
        session(
            #""audio":{"input":{"turn_detection":{"type":"server_vad","threshold":0.6,"silence_duration_ms":300}}}"#),
        session(#""audio":{"input":{"format":{"type":"audio/pcmu"}},"output":{"format":{"type":"audio/pcma"}}}"#),
        session(#""output_modalities":["text"]"#), session(#""output_modalities":["audio"]"#),
        #"{"type":"input_audio_buffer.append","audio":"\#(TestBase64.encode([UInt8](repeating: 31, count: 9600)))"}"#,
        #"{"type":"input_audio_buffer.append","audio":"\#(TestBase64.encode([UInt8](repeating: 0, count: 48_000)))"}"#,
        #"{"type":"input_audio_buffer.commit"}"#, #"{"type":"input_audio_buffer.clear"}"#,
        #"{"type":"response.create"}"#, #"{"type":"response.create","response":{"conversation":"none","input":[]}}"#,
        #"{"type":"response.cancel"}"#,
        #"{"type":"conversation.item.create","item":{"id":"a","type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}}"#,
        #"{"type":"conversation.item.delete","item_id":"a"}"#, #"{"type":"conversation.item.retrieve","item_id":"a"}"#,
        #"{"type":"conversation.item.truncate","item_id":"a","content_index":0,"audio_end_ms":100}"#,
    ]

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
        default:
            bytes.insert(contentsOf: Array("-99999999999999999999e9".utf8).prefix(Int(bytes[place] % 23)), at: place)
        }
    }
}
