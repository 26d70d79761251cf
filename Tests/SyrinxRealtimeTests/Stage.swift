// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxRealtime
import SyrinxTestKit

/// A client of the Realtime protocol and a conversation, in virtual time: what one says the other hears, through the
/// translator.
final class Stage {
    let scene: Scenario
    private(set) var translator: RealtimeTranslator
    /// All events that the client got.
    private(set) var events: [JSONValue] = []
    private(set) var briefs: [(instructions: String?, tools: [RealtimeTool])] = []
    private(set) var inputs: [Input] = []
    private var seen = 0
    private var halfFrame: [Int16] = []

    /// - Parameter hasMedia: audio is beside the events.
    init(_ session: String? = nil, hasMedia: Bool = false, _ change: (inout Options) -> Void = { _ in }) {
        var options = Options()
        options.outputRate = RealtimeTranslator.rate
        change(&options)
        let final = options
        scene = Scenario(started: false) { $0 = final }
        var setup = RealtimeTranslator.Setup(
            id: "ses_0123", model: "default", options: final, expires: 1_800_000_000)
        setup.hasMedia = hasMedia
        translator = RealtimeTranslator(setup)
        perform(translator.open())
        scene.give(.start)
        perform(translator.begin())
        catchUp()
        if let session { say(#"{"type":"session.update","session":\#(session)}"#) }
    }

    // MARK: the client

    func say(_ event: String) {
        perform(translator.receive(event, at: scene.now))
        while translator.hasWork { perform(translator.work(at: scene.now)) }
        catchUp()
    }

    /// Audio in real time: speech or silence, 20 ms a message.
    func speak(_ milliseconds: Int) { stream(milliseconds, 8000) }
    func isSilent(_ milliseconds: Int) { stream(milliseconds, 0) }

    private func stream(_ milliseconds: Int, _ level: Int16) {
        for _ in 0..<(milliseconds / 20) {
            append(milliseconds: 20, level: level)
            pass(20)
        }
    }

    /// Audio all at once.
    func append(milliseconds: Int, level: Int16 = 8000) {
        let samples = [Int16](repeating: level, count: milliseconds * RealtimeTranslator.rate / 1000)
        let bytes = samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        say(#"{"type":"input_audio_buffer.append","audio":"\#(TestBase64.encode(bytes))"}"#)
    }

    /// Audio beside the events, in real time.
    func hears(milliseconds: Int) {
        for _ in 0..<(milliseconds / 20) {
            let frame = RealtimeTranslator.rate / 50
            translator.heard(frame)
            hear([Int16](repeating: 8000, count: frame))
            pass(20)
        }
    }

    func types(_ text: String) {
        say(
            #"{"type":"conversation.item.create","item":{"type":"message","role":"user","#
                + #""content":[{"type":"input_text","text":"\#(text)"}]}}"#)
    }

    // MARK: the agent

    func answers(_ text: String) {
        scene.agent.answers(text)
        catchUp()
    }

    // MARK: time

    func pass(_ milliseconds: Int) {
        for _ in 0..<(milliseconds / 5) {
            scene.pass(.milliseconds(5))
            catchUp()
            if translator.deadline <= scene.now { perform(translator.tick(at: scene.now)) }
            catchUp()
        }
    }

    // MARK: between them

    /// What the conversation has done since the last look.
    func catchUp() {
        while seen < scene.record.count {
            let (time, action) = scene.record[seen]
            seen += 1
            switch action {
            case .event(let event): perform(translator.noted(event, at: time))
            case .sendFrame:
                let frame = [Int16](repeating: 1, count: RealtimeTranslator.rate / 50)
                perform(frame.withUnsafeBufferPointer { translator.said($0, at: time) })
            case .runTool(let generation, let call, let name, let arguments):
                perform(
                    translator.called(
                        generation: generation, call: call, name: name, arguments: arguments, at: time))
            default: break
            }
        }
    }

    private func perform(_ effects: [RealtimeTranslator.Effect]) {
        for effect in effects {
            switch effect {
            case .send(let event): events.append(event)
            case .submit(let input):
                inputs.append(input)
                scene.give(input)
            case .hear(let samples): hear(samples)
            case .brief(let instructions, let tools): briefs.append((instructions, tools))
            }
        }
    }

    private func hear(_ samples: [Int16]) {
        halfFrame += samples
        let frame = RealtimeTranslator.rate / 50
        while halfFrame.count >= frame {
            let probability: Float = halfFrame[0] == 0 ? 0.02 : 0.95
            halfFrame.removeFirst(frame)
            scene.give(.audio(samples: scene.conversation.options.inputRate / 50, probability: probability))
        }
    }

    // MARK: looking

    /// Types of events from a place on; those of a kind that repeats are named once in a row.
    func types(from place: Int = 0) -> [String] {
        events.dropFirst(place).compactMap { $0["type"]?.string }.reduce(into: []) { types, type in
            if types.last != type { types.append(type) }
        }
    }

    func all(_ type: String) -> [JSONValue] { events.filter { $0["type"]?.string == type } }
    func last(_ type: String) -> JSONValue { all(type).last ?? .null }
    var errors: [String] { all("error").compactMap { $0["error"]?["code"]?.string } }
}

/// Written apart from the one that is tested.
enum TestBase64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = 0
            for place in 0..<3 { bits = bits << 8 | (place < group.count ? Int(group[start + place]) : 0) }
            for place in 0..<4 {
                text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : "=")
            }
        }
        return text
    }
}
