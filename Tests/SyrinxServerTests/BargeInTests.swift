// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@Suite("Barge-in", .tags(.integration), .server)
struct BargeInTests {
    private static let speech = Sound.messages(Sound.speech(milliseconds: 600), rate: 16_000)
    private static let pause = Sound.messages(Sound.silence(milliseconds: 600), rate: 16_000)

    /// Audio as a microphone delivers it: a message every 20 ms.
    private func stream(_ messages: [[UInt8]], to caller: Caller) async throws {
        var next = ContinuousClock.now
        for message in messages {
            await caller.send(.audio(message))
            next += .milliseconds(20)
            try await ContinuousClock().sleep(until: next)
        }
    }

    /// How many agent frames came after each confirmation and before the next speech.
    private func framesAfterConfirmation(_ log: [ServerMessage]) -> [Int] {
        var counts: [Int] = []
        var isInterrupted = false
        for message in log {
            switch message.type {
            case "interruption.confirmed":
                isInterrupted = true
                counts.append(0)
            case "speech.started": isInterrupted = false
            case "audio" where isInterrupted: counts[counts.count - 1] += 1
            default: break
            }
        }
        return counts
    }

    @Test func `after the confirmation no more than one frame leaves`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=60000")
        try await stream(Self.speech + Self.pause, to: caller)
        try await caller.event("speech.started")
        _ = try await caller.audio(10)
        try await stream(Self.speech, to: caller)
        try await caller.event("interruption.confirmed")
        try await stream(Self.pause, to: caller)
        try await caller.hangUp()
        let log = await caller.log
        #expect(framesAfterConfirmation(log).allSatisfy { $0 <= 1 })
        let first = log.compactMap {
            if case .event(let event) = $0, event["type"] == "turn.ended" { event } else { nil }
        }.first
        #expect(first?["outcome"] == "interrupted")
        #expect(log.contains { $0.type == "audio.clear" })
    }

    @Test func `twenty interruptions in one call`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=60000")
        for _ in 0...20 {
            // Faster than real time: the detector works on the audio's own clock.
            await caller.connection.send((Self.speech + Self.pause).flatMap { ClientFrame.audio($0).bytes })
            try await caller.event("speech.started")
            _ = try await caller.audio(3)
        }
        try await caller.hangUp()
        let log = await caller.log
        let counts = framesAfterConfirmation(log)
        #expect(counts.count >= 20)
        #expect(counts.allSatisfy { $0 <= 1 })
        let outcomes = await caller.events.filter { $0["type"] == "turn.ended" }.map { $0["outcome"]?.string }
        #expect(
            outcomes.prefix(20) == ArraySlice(repeating: "interrupted", count: 20), "the last may end with the call")
    }

    @Test func `what cannot be interrupted goes on`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=800")
        await caller.send(["type": "say", "text": "This must be heard.", "interruptible": false])
        try await caller.event("speech.started")
        await caller.connection.send((Self.speech + Self.pause).flatMap { ClientFrame.audio($0).bytes })
        let finished = try await caller.event("speech.finished")
        #expect(finished["interrupted"] == false)
        #expect(await caller.audioBytes == 800 * 32)
        try await caller.hangUp()
    }
}
