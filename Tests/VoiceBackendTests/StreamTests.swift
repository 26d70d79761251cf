// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import VoiceBackend

@Suite(.tags(.integration), .timeLimit(.minutes(10))) struct SessionStreamTests {
    @Test func `B13: a second reader of a stream gets an error, not half of it`() async throws {
        try await Quick.run { backend in
            let session = try await backend.createSession(Quick.session())
            var first = session.events.makeAsyncIterator()
            var second = session.events.makeAsyncIterator()
            try await session.start()
            #expect(try await first.next() == .stateChanged(.listening))
            await #expect(throws: VoiceBackendError("events", .streamError, "")) { try await second.next() }
            var ear = session.receiveAudio().makeAsyncIterator()
            var other = session.receiveAudio().makeAsyncIterator()
            try session.say("hello there")
            #expect(try await ear.next()?.samples.count == 320)
            await #expect(throws: VoiceBackendError("receiveAudio", .streamError, "")) { try await other.next() }
        }
    }

    @Test func `B13: the agent's voice never comes back as the caller's, and audio after the end is an error`()
        async throws
    {
        try await Quick.run { backend in
            let session = try await backend.createSession(Quick.session())
            let early = await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in
                try await session.processAudio([0, 0])
            }
            #expect(early == .sessionNotActive)
            try await session.start()
            try await withThrowingTaskGroup { tasks in
                // Sending races the end: nothing traps, and the sender is told.
                tasks.addTask {
                    let code = await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in
                        while true { try await session.processAudio(samples: Caller.silence(.milliseconds(20))) }
                    }
                    #expect(code == .sessionNotActive)
                }
                tasks.addTask { await session.stop() }
                try await tasks.waitForAll()
            }
            #expect(try await session.hear(frames: 1).isEmpty)
        }
    }

    @Test func `half a sample and an hour at once are refused`() async throws {
        try await Quick.run { backend in
            let session = try await backend.createSession(Quick.session())
            try await session.start()
            for bytes in [1, 3, 1_000_000] {
                let code = await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in
                    try await session.processAudio([UInt8](repeating: 0, count: bytes))
                }
                #expect(code == .invalidFormat)
            }
            try await session.processAudio([])
        }
    }
}

@Suite(.tags(.unit), .timeLimit(.minutes(10))) struct BoundedBufferTests {
    @Test func `a full buffer loses its oldest and says how many`() async {
        let buffer = BoundedBuffer<Int>(capacity: 3, notice: { -$0 })
        for number in 1...5 { buffer.append(number) }
        buffer.finish()
        var seen: [Int] = []
        while let next = await buffer.next() { seen.append(next) }
        #expect(seen == [-2, 3, 4, 5])
    }

    @Test func `a reader that is cancelled gets the end`() async {
        let buffer = BoundedBuffer<Int>(capacity: 3)
        let reader = Task { await buffer.next() }
        reader.cancel()
        #expect(await reader.value == nil)
    }

    @Test func `when a reader is done another may go on`() async throws {
        let buffer = BoundedBuffer<Int>(capacity: 3)
        let stream = SessionStream(buffer: buffer, name: "test")
        for number in 1...3 { buffer.append(number) }
        for try await _ in stream { break }
        buffer.finish()
        var rest: [Int] = []
        for try await number in stream { rest.append(number) }
        #expect(rest == [2, 3])
    }
}
