// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("An asynchronous session")
struct AsyncSessionTests {
    let host = FakeHost()

    private func withThinker(
        queueLimit: Int = .max,
        _ body: (FakeSession) async throws -> Void
    ) async throws {
        let provider = try host.open(fixtures.table, .agent, "thinker")
        let session = try provider.openSession(queueLimit: queueLimit)
        try await body(session)
        session.close()
        #expect(session.eventsAfterClose == 0)
        provider.close()
    }

    @Test func `streams its answer and ends it once`() async throws {
        try await withThinker { session in
            session.prompt("count", generation: 1)
            #expect(await session.waitFor { $0.type == .done } != nil)
            #expect(session.answer(1) == "1 2 3 4 5 6 7 8 9 10 ")
            #expect(session.terminals(1).count == 1)
        }
    }

    @Test func `waits for credit and loses nothing`() async throws {
        try await withThinker(queueLimit: 3) { session in
            session.prompt("count", generation: 1)
            for count in 1...3 {
                _ = await session.waitFor { $0.text == "\(count * 3) " }
                try await Task.sleep(nanoseconds: 2_000_000)
                session.takeAll()
            }
            while await session.waitFor({ $0.type == .done }) == nil { session.takeAll() }
            #expect(session.answer(1) == "1 2 3 4 5 6 7 8 9 10 ")
        }
    }

    @Test func `sleeps on the host's clock`() async throws {
        try await withThinker { session in
            session.prompt("sleep", generation: 1)
            while session.answer(1).isEmpty {
                session.advance(milliseconds: 50)
                try await Task.sleep(nanoseconds: 1_000_000)
            }
            #expect(await session.waitFor { $0.type == .done } != nil)
            #expect(session.answer(1) == "slept")
        }
    }

    @Test func `waits for the result of a tool`() async throws {
        try await withThinker { session in
            session.prompt("tool", generation: 4)
            let call = try #require(await session.waitFor { $0.type == .toolCall })
            #expect(call.text == "time")
            var result = OutgoingEvent(.toolResult, generation: 4, id: call.id)
            result.text = "noon"
            #expect(session.send(result) == .ok)
            #expect(session.send(result) == .skip)
            #expect(await session.waitFor { $0.type == .done } != nil)
            #expect(session.answer(4) == "tool said noon")
        }
    }

    @Test func `ends a cancelled answer at once, also when the code does not listen`() async throws {
        try await withThinker { session in
            session.prompt("sleep", generation: 1)
            session.prompt("deaf", generation: 2)
            session.cancel(1)
            session.cancel(2)
            #expect(session.terminals(1).map(\.type) == [.cancelled])
            #expect(session.terminals(2).map(\.type) == [.cancelled])
            session.prompt("count", generation: 3)
            #expect(await session.waitFor { $0.type == .done } != nil)
            #expect(session.answer(2).isEmpty)
            #expect(session.terminals(1).count == 1)
        }
    }

    @Test func `reports what it threw`() async throws {
        try await withThinker { session in
            session.prompt("fail", generation: 1)
            let error = try #require(await session.waitFor { $0.type == .error })
            #expect(error.integer == Int64(Status.quotaExceeded.rawValue))
            #expect(error.text == "no more")
        }
    }

    @Test func `is drained once its answers have ended`() async throws {
        try await withThinker { session in
            session.prompt("tool", generation: 1)
            let call = try #require(await session.waitFor { $0.type == .toolCall })
            session.send(OutgoingEvent(.drain))
            #expect(!session.events.contains { $0.type == .drained })
            session.send(OutgoingEvent(.toolResult, generation: 1, id: call.id))
            #expect(await session.waitFor { $0.type == .drained } != nil)
            #expect(session.events.last?.type == .drained)
        }
    }

    @Test func `hangs up when told`() async throws {
        try await withThinker { session in
            session.prompt("bye", generation: 1)
            #expect(await session.waitFor { $0.type == .done }?.hangsUp == true)
        }
    }

    @Test func `refuses a prompt with broken extras`() async throws {
        try await withThinker { session in
            session.prompt("count", generation: 1, json: #"{"history":7}"#)
            #expect(session.events.isEmpty)
            #expect(host.logs == ["event: 'history' has the wrong type"])
        }
    }

    @Test func `says nothing after it was closed`() async throws {
        let provider = try host.open(fixtures.table, .agent, "thinker")
        let session = try provider.openSession()
        for generation in UInt64(1)...50 { session.prompt("count", generation: generation) }
        session.close()
        try await Task.sleep(nanoseconds: 20_000_000)
        #expect(session.eventsAfterClose == 0)
        provider.close()
    }
}
