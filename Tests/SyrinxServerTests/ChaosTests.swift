// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

/// Plugins that do wrong: the turn ends with a code, the session and the host live on. One after another: after five
/// failures in a row, whosever they are, the breaker of a tenant's provider opens.
@Suite("Plugins that misbehave", .serialized, .tags(.integration), .server(ChaosPlugin.install))
struct ChaosTests {
    private func turn(_ caller: Caller, _ text: String) async throws -> JSONValue {
        await caller.send(["type": "text", "text": .string(text)])
        return try await caller.event("turn.ended")
    }

    @Test(arguments: [
        ("refuse", "provider.connectivity"), ("error", "provider.connectivity"), ("never", "agent.timeout"),
        ("late", "agent.timeout"),
    ])
    func `an agent that fails, fails its turn and nothing else`(word: String, code: String) async throws {
        let server = try server()
        try await Neighbour.watch(server) {
            let caller = try await server.call("profile=agent&reply_ms=40")
            let failed = try await turn(caller, word)
            #expect(failed["outcome"] == "failed")
            #expect(failed["failure"] == .string(code))
            // Long enough for what is late to come, and be nobody's.
            for _ in 1...20 { #expect(try await turn(caller, "behave")["agent"] == "fine ") }
            #expect(try await caller.hangUp() == 1000)
        }
    }

    @Test(arguments: ["refuse", "error", "never", "late"])
    func `a speaker that fails, fails its turn and nothing else`(word: String) async throws {
        let server = try server()
        try await Neighbour.watch(server) {
            let caller = try await server.call("profile=tts")
            let failed = try await turn(caller, word)
            #expect(failed["outcome"] == "failed")
            #expect(failed["failure"]?.string?.isEmpty == false)
            for _ in 1...5 { #expect(try await turn(caller, "behave")["outcome"] == "answered") }
            #expect(await caller.audioBytes == 5 * 3_200, "only what was asked for is played")
            #expect(try await caller.hangUp() == 1000)
        }
    }

    @Test func `a speaker that breaks in the middle is asked again, and the turn is answered`() async throws {
        let server = try server()
        try await Neighbour.watch(server) {
            let caller = try await server.call("profile=tts")
            #expect(try await turn(caller, "break")["outcome"] == "answered")
            #expect(await caller.audioBytes == 2 * 3_200, "what came before it broke, and the second attempt")
            #expect(try await turn(caller, "behave")["outcome"] == "answered")
            #expect(try await caller.hangUp() == 1000)
        }
    }

    @Test(arguments: ["agent", "tts"], ["stale", "garbage"])
    func `what breaks the rules is dropped, and the right answer heard`(profile: String, word: String) async throws {
        let server = try server()
        try await Neighbour.watch(server) {
            let caller = try await server.call("profile=\(profile)")
            for _ in 1...3 {
                let ended = try await turn(caller, word)
                #expect(ended["failure"] == .null)
                #expect(ended["outcome"] == "answered")
            }
            #expect(try await turn(caller, "behave")["outcome"] == "answered")
            #expect(try await caller.hangUp() == 1000)
        }
    }

    @Test func `an agent that never stops talking is cut off`() async throws {
        let server = try server()
        try await Neighbour.watch(server) {
            let caller = try await server.call("profile=agent&reply_ms=40")
            let ended = try await turn(caller, "flood")
            #expect(ended["outcome"] == "failed")
            #expect(ended["failure"] == "agent.too_long")
            #expect(try await turn(caller, "behave")["outcome"] == "answered")
            #expect(try await caller.hangUp() == 1000)
        }
    }

    @Test func `a speaker that never stops can be interrupted, and holds back what is not played`() async throws {
        let server = try server()
        try await Neighbour.watch(server) {
            let caller = try await server.call("profile=tts")
            await caller.send(["type": "text", "text": "flood"])
            _ = try await caller.audio(20)
            await caller.send(["type": "interrupt"])
            #expect(try await caller.event("turn.ended")["outcome"] == "interrupted")
            #expect(try await turn(caller, "behave")["outcome"] == "answered")
            #expect(try await caller.hangUp() == 1000)
        }
    }

    @Test(arguments: ChaosPlugin.sttModes)
    func `a recogniser that fails loses its utterance, and the next is understood`(mode: String) async throws {
        let server = try server()
        try await Neighbour.watch(server) {
            let caller = try await server.call("profile=stt-\(mode)&reply_ms=40")
            _ = try await utter(caller)
            var turn = try await utter(caller)
            // What a flood has left in the queues comes before the next answer, which may be too late for it, too.
            for _ in 1...20 where mode == "flood" && turn?["outcome"] != "answered" { turn = try await utter(caller) }
            #expect(turn?["user"]?.string?.hasSuffix("fine") == true)
            #expect(turn?["outcome"] == "answered")
            #expect(try await caller.hangUp() == 1000)
        }
    }

    /// - Returns: the end of the turn that came of it; nil when a warning tells that it was lost.
    private func utter(_ caller: Caller) async throws -> JSONValue? {
        await caller.say(Sound.speech(milliseconds: 600) + Sound.silence(milliseconds: 600))
        while let message = try await caller.next() {
            guard case .event(let event) = message else { continue }
            switch event["type"] {
            case "turn.ended": return event
            case "warning": return nil
            default: continue
            }
        }
        return nil
    }
}
