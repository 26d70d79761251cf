// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@Suite("Messages of the client", .tags(.integration), .server)
struct MessageTests {
    private static let speech = Sound.speech(milliseconds: 800)

    @Test(arguments: [
        ("", "message.invalid_json"), ("{", "message.invalid_json"), ("[1]", "message.invalid_field"),
        ("{}", "message.invalid_field"), (#"{"type":7}"#, "message.invalid_field"),
        (#"{"type":"dance"}"#, "message.unknown_type"), (#"{"type":"text"}"#, "message.invalid_field"),
        (#"{"type":"text","text":""}"#, "message.invalid_field"),
        (#"{"type":"text","text":5}"#, "message.invalid_field"),
        (#"{"type":"say","text":"x","priority":"urgent"}"#, "message.invalid_field"),
        (#"{"type":"say"}"#, "message.invalid_field"), (#"{"type":"played"}"#, "message.invalid_field"),
        (#"{"type":"played","ms":-1}"#, "message.invalid_field"),
        (#"{"type":"played","ms":1e300}"#, "message.invalid_field"),
        (#"{"type":"text","text":"\#(String(repeating: "a", count: 16_385))"}"#, "message.invalid_field"),
        (String(repeating: "[", count: 5_000), "message.invalid_json"),
        (#"{"type":"text","type":"text","text":"x"}"#, "message.invalid_json"),
    ])
    func `what cannot be understood is an error event, and the call goes on`(text: String, code: String) async throws {
        let caller = try await server().call("profile=mock&reply_ms=20")
        await caller.send(.text(text))
        let error = try await caller.event("error")
        #expect(error["code"] == .string(code))
        #expect(error["place"]?.string?.isEmpty == false)
        #expect(error["message"]?.string?.isEmpty == false)
        await caller.send(["type": "text", "text": "hello"])
        #expect(try await caller.event("turn.ended")["outcome"] == "answered")
        try await caller.hangUp()
    }

    @Test func `say is spoken, and numbered from 1`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=60")
        for number in 1...3 {
            await caller.send([
                "type": "say", "text": "Please hold the line.", "priority": "high", "interruptible": false,
            ])
            let finished = try await caller.event("speech.finished")
            #expect(finished["speech"] == .int(Int64(number)))
            #expect(finished["heard"] == "Please hold the line.")
            #expect(finished["interrupted"] == false)
        }
        #expect(await caller.audioBytes == 3 * 60 * 32)
        try await caller.hangUp()
    }

    @Test func `interrupt stops the agent`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=60000")
        await caller.send(["type": "text", "text": "hello"])
        _ = try await caller.audio(5)
        await caller.send(["type": "interrupt"])
        try await caller.event("audio.clear")
        let ended = try await caller.event("turn.ended")
        #expect(ended["outcome"] == "interrupted")
        #expect(ended["heard"] != ended["agent"], "a minute's answer was not heard in the time of five frames")
        try await caller.event("interruption.confirmed")
        try await caller.hangUp()
        #expect(await caller.types.suffix(from: 2).filter { $0 == "turn.ended" }.count == 1)
    }

    @Test func `commit ends the turn at once`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=20")
        await caller.say(Self.speech, then: ["type": "commit"])
        #expect(try await caller.event("turn.committed")["source"] == "manual")
        #expect(try await caller.event("turn.ended")["outcome"] == "answered")
        try await caller.hangUp()
    }

    @Test func `discard forgets what was said`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=20")
        await caller.say(Self.speech, then: ["type": "discard"])
        try await caller.event("user.speech_stopped")
        await caller.say(Sound.silence(milliseconds: 1_000))
        await caller.send(["type": "text", "text": "the first turn"])
        let ended = try await caller.event("turn.ended")
        #expect(ended["turn"] == 1)
        #expect(ended["user"] == "the first turn")
        try await caller.hangUp()
    }

    @Test func `played makes the heard text exact`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=10000")
        await caller.send(["type": "text", "text": "hello"])
        _ = try await caller.audio(10)
        // The client's loudspeaker has not begun yet.
        await caller.send(["type": "played", "ms": 0])
        await caller.send(["type": "interrupt"])
        let ended = try await caller.event("turn.ended")
        #expect(ended["outcome"] == "interrupted")
        #expect(ended["heard"] == "")
        try await caller.hangUp()
    }

    @Test func `close ends the session as the client's own wish`() async throws {
        let caller = try await server().call("profile=mock")
        await caller.send(["type": "close"])
        #expect(try await caller.event("session.closed")["reason"] == "client_closed")
        #expect(try await caller.end() == 1000)
    }
}
