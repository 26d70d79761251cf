// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import VoiceBackend

@Suite(.tags(.integration), .timeLimit(.minutes(10))) struct AgentTests {
    @Test func `B20: an instance needs no callback, and its tool calls are executed`() async throws {
        let tool = Tool("book_table") { arguments in "booked for \(arguments.object?["people"]?.description ?? "?")" }
        try await Quick.run { backend in
            let session = try await backend.createSession(
                SessionConfig(userID: "user-001", agentInstance: Waiter(tools: [tool])))
            try await session.start()
            try await session.sendText("a table, please")
            let seen = try await session.events { if case .turnEnded = $0 { true } else { false } }
            #expect(seen.contains(.toolCalled(turn: 1, name: "book_table", arguments: #"{"people":4}"#)))
            guard case .turnEnded(let turn) = seen.last else { return }
            #expect(turn.agent == "Very well: booked for 4.")
            #expect(turn.outcome == .answered)
        }
    }

    @Test func `B20: a tool that fails, or that nobody has, is the agent's to explain`() async throws {
        let broken = Tool("book_table") { _ in throw Broken() }
        for tools in [[broken], []] {
            try await Quick.run { backend in
                let session = try await backend.createSession(
                    SessionConfig(userID: "user-001", agentInstance: Waiter(tools: tools)))
                try await session.start()
                try await session.sendText("a table, please")
                let turn = try await session.nextTurn()
                #expect(turn.outcome == .answered)
                #expect(turn.agent == "Very well: sorry.")
            }
        }
    }

    @Test func `B20: the agent is told what was said before`() async throws {
        let heard = Log()
        try await Quick.run { backend in
            let session = try await backend.createSession(
                SessionConfig(userID: "user-001", agentInstance: Listener(log: heard)))
            try await session.start()
            for text in ["one", "two"] {
                try await session.sendText(text)
                _ = try await session.nextTurn()
            }
            #expect(heard.lines == ["", "user: one|assistant: Indeed."])
        }
    }

    @Test func `an agent that throws fails its turn, and the session lives on`() async throws {
        try await Quick.run { backend in
            let session = try await backend.createSession(
                SessionConfig(
                    userID: "user-001",
                    agentCallback: { text in
                        if text == "fail" { throw Broken() }
                        return "fine"
                    }))
            try await session.start()
            try await session.sendText("fail")
            let turn = try await session.nextTurn()
            #expect(turn.outcome == .failed)
            #expect(turn.failure == .agentError)
            try await session.sendText("again")
            #expect(try await session.nextTurn().outcome == .answered)
            #expect(backend.metrics.turns == [.failed: 1, .answered: 1])
        }
    }

    @Test func `an agent that says nothing in time fails its turn with a timeout`() async throws {
        var config = Quick.config()
        config.timeout = .seconds(5)
        try await Quick.run(config) { backend in
            let session = try await backend.createSession(
                SessionConfig(
                    userID: "user-001",
                    agentCallback: { _ in
                        try await Task.sleep(for: .seconds(600))
                        return "too late"
                    }))
            try await session.start()
            try await session.sendText("hello?")
            let turn = try await session.nextTurn()
            #expect(turn.outcome == .failed)
            #expect(turn.failure == .timeout)
        }
    }

    @Test func `a session can be given another agent`() async throws {
        try await Quick.run { backend in
            let session = try await backend.createSession(Quick.session())
            try await session.start()
            try await session.setAgentCallback { _ in "someone else" }
            try await session.sendText("who is there")
            #expect(try await session.nextTurn().agent == "someone else")
            let tool = Tool("book_table") { _ in "done" }
            try await session.setAgentInstance(Waiter(tools: [tool]))
            try await session.sendText("a table")
            #expect(try await session.nextTurn().agent == "Very well: done.")
        }
    }

    @Test func `typing while the agent thinks cancels the old answer`() async throws {
        let asked = Log()
        let cancelled = Log()
        try await Quick.run { backend in
            let session = try await backend.createSession(
                SessionConfig(
                    userID: "user-001",
                    agentCallback: { text in
                        guard text == "slow" else { return "quick" }
                        asked.add(text)
                        do { try await Task.sleep(for: .seconds(600)) } catch { cancelled.add("cancelled") }
                        return "never heard"
                    }))
            try await session.start()
            try await session.sendText("slow")
            try await asked.wait(for: 1)
            try await session.sendText("quick")
            #expect(try await session.nextTurn().outcome == .interrupted)
            #expect(try await session.nextTurn().agent == "quick")
            try await cancelled.wait(for: 1)
        }
    }
}

private struct Broken: Error {}

/// Books a table for four, whatever is said.
private struct Waiter: AgentInstance {
    let tools: [Tool]

    func respond(to turn: AgentTurn) -> AsyncThrowingStream<String, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                continuation.yield("Very well: ")
                let result = try? await turn.callTool("book_table", ["people": 4])
                continuation.yield("\(result ?? "sorry").")
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}

/// Writes down the history.
private struct Listener: AgentInstance {
    let log: Log

    func respond(to turn: AgentTurn) -> AsyncThrowingStream<String, any Error> {
        log.add(turn.history.map { "\($0.role.rawValue): \($0.text)" }.joined(separator: "|"))
        return AsyncThrowingStream { continuation in
            continuation.yield("Indeed.")
            continuation.finish()
        }
    }
}
