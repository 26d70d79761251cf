// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@Suite("Profile mock", .tags(.integration), .server)
struct TalkTests {
    private static let turn = Sound.speech(milliseconds: 800) + Sound.silence(milliseconds: 500)

    @Test(arguments: [200, 500, 1_000])
    func `a spoken turn is heard, answered, and told in order`(reply: Int) async throws {
        let caller = try await server().call("profile=mock&reply_ms=\(reply)")
        await caller.say(Self.turn)
        let ended = try await caller.event("turn.ended")
        #expect(ended["outcome"] == "answered")
        #expect(ended["user"] == "hello")
        #expect(ended["agent"] == "This is a scripted reply.")
        #expect(ended["heard"] == "This is a scripted reply.")
        #expect(await caller.audioBytes == reply * 32, "the tone, no sample more or less")
        let told = await caller.types(without: "agent.state")
        #expect(
            told == [
                "session.started", "session.ready", "user.speech_started", "transcript.partial", "user.speech_stopped",
                "transcript.final", "turn.committed", "agent.text", "speech.queued", "speech.started", "audio",
                "speech.finished", "turn.ended",
            ])
        #expect(try await caller.hangUp() == 1000)
    }

    @Test(arguments: [8_000, 16_000, 24_000, 48_000, 44_100, 22_050])
    func `the reply has its length at every rate`(rate: Int) async throws {
        let caller = try await server().call("profile=mock&reply_ms=400&rate=\(rate)")
        await caller.say(Sound.speech(milliseconds: 800, rate: rate), rate: rate)
        await caller.say(Sound.silence(milliseconds: 500, rate: rate), rate: rate)
        #expect(try await caller.event("turn.ended")["outcome"] == "answered")
        let frames = await caller.log.compactMap { if case .audio(let bytes) = $0 { bytes.count } else { nil } }
        #expect(Set(frames) == [rate / 50 * 2], "20 ms a message")
        // A resampler may keep a few samples back, which can cost the last frame or need one more.
        #expect((19...21).contains(frames.count))
        try await caller.hangUp()
    }

    @Test(arguments: ["energy", "webrtc"])
    func `the client may choose the VAD`(vad: String) async throws {
        let caller = try await server().call("profile=mock&reply_ms=100&vad=\(vad)")
        await caller.say(Self.turn)
        #expect(try await caller.event("turn.ended")["outcome"] == "answered")
        try await caller.hangUp()
    }

    @Test func `the steps of the latency add up`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=100")
        await caller.say(Self.turn)
        let latency = try await caller.event("turn.ended")["latency_ms"]?.object ?? [:]
        let steps = ["end_of_turn", "transcript", "agent_first_token", "tts_first_byte", "first_audio"]
        #expect(Set(latency.keys) == Set(steps + ["total"]))
        let sum = steps.reduce(0) { $0 + (latency[$1]?.double ?? .nan) }
        #expect(abs(sum - (latency["total"]?.double ?? .nan)) < 0.5)
        try await caller.hangUp()
    }

    @Test func `a typed turn needs no audio`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=200")
        await caller.send(["type": "text", "text": "what time is it"])
        let committed = try await caller.event("turn.committed")
        #expect(committed["source"] == "text")
        #expect(try await caller.event("turn.ended")["user"] == "what time is it")
        #expect(await caller.audioBytes == 200 * 32)
        try await caller.hangUp()
    }

    @Test func `turns follow one another in one call`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=100")
        for turn in 1...5 {
            await caller.say(Self.turn)
            #expect(try await caller.event("turn.ended")["turn"] == .int(Int64(turn)))
        }
        try await caller.hangUp()
        #expect(await caller.events.filter { $0["type"] == "turn.committed" }.count == 5)
    }
}
