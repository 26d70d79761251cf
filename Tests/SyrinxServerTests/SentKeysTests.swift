// SPDX-License-Identifier: Apache-2.0

import SyrinxAudio
import SyrinxConfig
import SyrinxCore
import SyrinxRuntime
import SyrinxServer
import Testing

/// Keys that are pressed at the far end of a call, and keys that are heard from there.
@Suite("Keys of doors", .serialized, .tags(.integration), .keys)
struct SentKeysTests {
    private func call(_ query: String = "", at door: String = "phone") async throws -> Caller {
        try await Caller(port: server().port, query, path: "/doors/\(door)", greeting: "session.ready")
    }

    private func press(_ keys: String, of id: String) async throws -> HTTPReply {
        try await server().http.send("POST", "/v1/sessions/\(id)/keys", body: #"{"keys":"\#(keys)"}"#)
    }

    private func session() throws -> String { try #require(try server().manager.sessions.first).id }

    /// What the caller hears of keys in its audio.
    private func heard(_ keys: Int, by caller: Caller) async throws -> String {
        var detector = DTMFDetector(rate: 8_000)
        var heard = ""
        while heard.count < keys, let message = try await caller.next() {
            guard case .audio(let bytes) = message else { continue }
            heard += detector.process(
                stride(from: 0, to: bytes.count, by: 2).map { Int16(bytes[$0]) | Int16(bytes[$0 + 1]) << 8 })
        }
        return heard
    }

    @Test func `keys go to the far end as the plugin tells them`() async throws {
        let caller = try await call()
        #expect(try await press("12#", of: session()).status == 202)
        var keys: JSONValue?
        while keys == nil, let message = try await caller.next() {
            if case .event(let event) = message { keys = event["keys"] }
        }
        #expect(keys == "12#")
        try await caller.hangUp()
        try await server().settle()
    }

    @Test func `a far end that can be told none hears their tones`() async throws {
        let caller = try await call("tones=1")
        #expect(try await press("19*", of: session()).status == 202)
        #expect(try await press("0#D", of: session()).status == 202)
        #expect(try await heard(6, by: caller) == "19*0#D")
        try await caller.hangUp()
        try await server().settle()
    }

    @Test func `keys are heard in the place of what the agent says`() async throws {
        let caller = try await call("tones=1")
        await caller.send(["command": ["type": "text", "text": "hello"]])
        _ = try await caller.audio(3)
        #expect(try await press("42", of: session()).status == 202)
        #expect(try await heard(2, by: caller) == "42")
        #expect(try await caller.lastTurn()["outcome"] == "answered")
        try await caller.hangUp()
        try await server().settle()
    }

    @Test func `the agent presses keys by its tool`() async throws {
        let caller = try await call(at: "model")
        await caller.send(["command": ["type": "text", "text": "hello"]])
        var keys: JSONValue?
        while keys == nil, let message = try await caller.next() {
            if case .event(let event) = message, event["type"] == nil { keys = event["keys"] }
        }
        #expect(keys == "7#")
        #expect(try await caller.event("turn.ended")["outcome"] == "answered")
        try await caller.hangUp()
        try await server().settle()
    }

    @Test func `what is no key, no session or no door is refused`() async throws {
        let caller = try await call("tones=1")
        let id = try session()
        for keys in ["", "x", "1 2", String(repeating: "1", count: 33)] {
            #expect(try await press(keys, of: id).problem == "request.field_invalid")
        }
        #expect(try await press("1", of: "ses_none").problem == "session.not_found")
        let all = String(repeating: "1", count: 32)
        #expect(try await press(all, of: id).status == 202)
        #expect(try await press(all, of: id).status == 202)
        #expect(try await press(all, of: id).problem == "session.keys_refused", "64 wait at most")
        try await caller.hangUp()
        try await server().settle()
        let talker = try await Caller(port: server().port, "profile=mock")
        #expect(try await press("1", of: talker.session).problem == "session.keys_refused")
        try await talker.hangUp()
        try await server().settle()
    }

    @Test func `a door that hears tones takes them for pressed keys, and nothing else`() async throws {
        let caller = try await call(at: "ear")
        await caller.send(["keys": "9#"])
        await caller.say(try "42#".flatMap { try #require(DTMF.samples($0, rate: 8_000)) }, rate: 8_000)
        #expect(try await caller.event("turn.committed")["text"] == "42")
        try await caller.hangUp()
        try await server().settle()
    }
}

extension Trait where Self == ServerTrait {
    fileprivate static var keys: ServerTrait {
        .server { options in
            let text = """
                profiles:
                  model:
                    pipeline: s2s
                    s2s:
                      provider: mock
                      options: { tool: send_keys, tool_arguments: '{"keys": "7#"}', reply_ms: 200 }
                doors:
                  phone: { transport: mock, profile: mock, rate: 8000 }
                  model: { transport: mock, profile: model, rate: 8000, send_keys: true }
                  ear: { transport: mock, profile: mock, rate: 8000, hear_tones: true }
                """
            options.policy = try ServerPolicy(
                Configuration.parse(text: text, file: "syrinx.yaml", environment: [:]))
            // However busy the other tests keep the machine.
            options.policy.load = LoadGate.Limits()
        }
    }
}
