// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import VoiceBackend

@Suite(.tags(.integration), .timeLimit(.minutes(10))) struct SpeechTests {
    @Test func `B4: say waits for the true playout and tells what was heard`() async throws {
        try await Quick.run(Quick.config(reply: .milliseconds(300))) { backend in
            let session = try await backend.createSession(Quick.session())
            try await session.start()
            let before = ContinuousClock.now
            let playout = try await session.say("Your table is booked.").waitForPlayout()
            #expect(playout == Playout(heard: "Your table is booked.", wasInterrupted: false))
            #expect(ContinuousClock.now - before >= .milliseconds(280))
        }
    }

    @Test func `B4: a line that is cancelled says how far it came, and the others go on`() async throws {
        // Long enough that a busy machine cuts it before its end.
        var config = Quick.config(reply: .seconds(30))
        config.conversation.greeting = nil
        try await Quick.run(config) { backend in
            let session = try await backend.createSession(Quick.session())
            try await session.start()
            let long = try session.say("one two three four five six seven eight nine ten")
            let dropped = try session.say("never to be heard")
            let next = try session.say("and this comes after all")
            try await session.events { $0 == .speechStarted(speech: long.id) }
            dropped.cancel()
            #expect(try await dropped.waitForPlayout() == Playout(heard: "", wasInterrupted: true))
            _ = try await session.hear(frames: 30)
            long.cancel()
            let cut = try await long.waitForPlayout()
            #expect(cut.wasInterrupted)
            #expect("one two three four five six seven eight nine ten".hasPrefix(cut.heard))
            #expect(cut.heard.count < 40)
            try await session.events { $0 == .speechStarted(speech: next.id) }
        }
    }

    @Test func `a line said before the start is heard after it`() async throws {
        try await Quick.run { backend in
            let session = try await backend.createSession(Quick.session())
            let handle = try session.say("Welcome back.")
            try await session.start()
            #expect(try await handle.waitForPlayout().heard == "Welcome back.")
        }
    }

    @Test func `a session that ends answers every line that waits`() async throws {
        try await Quick.run(Quick.config(reply: .seconds(20))) { backend in
            let session = try await backend.createSession(Quick.session())
            try await session.start()
            let handles = try (0..<5).map { try session.say("line number \($0)") }
            await session.stop()
            for handle in handles { #expect(try await handle.waitForPlayout().wasInterrupted) }
            #expect(
                await VoiceBackendError.Code.of { () throws(VoiceBackendError) in try session.say("late") }
                    == .sessionNotActive)
        }
    }

    @Test func `waiting for a playout can be cancelled, and the line goes on`() async throws {
        try await Quick.run { backend in
            let session = try await backend.createSession(Quick.session())
            let handle = try session.say("said after the start")
            let waiting = Task { await VoiceBackendError.Code.of(handle.waitForPlayout) }
            waiting.cancel()
            #expect(await waiting.value == .contextCanceled)
            try await session.start()
            #expect(try await handle.waitForPlayout().heard == "said after the start")
        }
    }

    @Test func `interrupt cuts what may be cut`() async throws {
        try await Quick.run(Quick.config(reply: .seconds(20))) { backend in
            let session = try await backend.createSession(Quick.session())
            try await session.start()
            let handle = try session.say("a very long line indeed")
            try await session.events { $0 == .speechStarted(speech: handle.id) }
            session.interrupt()
            #expect(try await handle.waitForPlayout().wasInterrupted)
        }
    }
}
