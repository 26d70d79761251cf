// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import VoiceBackend

/// `PipelineType.s2s` of the tutorial, with a model that is scripted.
@Suite(.tags(.integration), .timeLimit(.minutes(5))) struct SpeechToSpeechTests {
    private static func config(_ options: [String: ConfigValue]) -> Config {
        var config = Quick.config()
        config.pipelineType = .s2s
        config.s2sProvider = "mock"
        config.stages[.s2s] = StageConfig(options: .object(["reply_ms": 200].merging(options) { $1 }))
        return config
    }

    /// Runs a session that has begun.
    private func run(
        _ options: [String: ConfigValue], change: (inout SessionConfig) -> Void = { _ in },
        _ body: (VoiceSession, Caller) async throws -> Void
    ) async throws {
        try await Quick.run(Self.config(options)) { backend in
            var wanted = SessionConfig(userID: "user-001")
            change(&wanted)
            let session = try await backend.createSession(wanted)
            try await session.start()
            try await body(session, Caller(session: session))
        }
    }

    @Test func `the model hears, answers and is heard, without any agent`() async throws {
        try await run(["lines": ["book a table"], "reply": "You want to {words}."]) { session, caller in
            try await caller.says()
            let turn = try await session.nextTurn()
            #expect(turn.outcome == .answered)
            #expect(turn.user == "book a table")
            #expect(turn.agent == "You want to book a table.")
            #expect(turn.heard == turn.agent)
            let voice = try await session.hear(frames: 5)
            #expect(voice.allSatisfy { $0.samples.count == 320 && $0.samples.contains { $0 != 0 } })
            try await session.sendText("never mind")
            let second = try await session.nextTurn()
            #expect(second.agent == "You want to never mind.")
        }
    }

    @Test func `a session may choose the model where the backend has a cascade`() async throws {
        var config = Self.config(["reply": "I am the model."])
        config.pipelineType = .sttTTS
        try await Quick.run(config) { backend in
            var wanted = Quick.session()
            wanted.pipelineType = .s2s
            let session = try await backend.createSession(wanted)
            try await session.start()
            try await session.sendText("who are you")
            #expect(try await session.nextTurn().agent == "I am the model.")
        }
    }

    @Test func `the model says what it is given, and knows who it is`() async throws {
        try await run(["reply": "{instructions}"], change: { $0.instructions = "Be brief." }) { session, _ in
            let handle = try session.say("Welcome to the house of fun.")
            #expect(try await handle.waitForPlayout().heard == "Welcome to the house of fun.")
            try await session.sendText("who are you")
            #expect(try await session.nextTurn().agent == "Be brief.")
        }
    }

    @Test func `the model uses the session's tools`() async throws {
        let tool = Tool("look") { arguments in "nothing in \(arguments)" }
        try await run(["tool": "look", "reply": "I see {result}."], change: { $0.tools = [tool] }) { session, caller in
            try await caller.says()
            let seen = try await session.events { if case .turnEnded = $0 { true } else { false } }
            guard case .turnEnded(let turn) = seen.last else { return }
            #expect(turn.agent.hasPrefix("I see nothing in"))
            let isReported = seen.contains { if case .toolCalled(_, "look", _) = $0 { true } else { false } }
            #expect(isReported)
        }
    }

    @Test func `interrupted, the model is told how much was heard`() async throws {
        let reply = "One two three four five six seven eight nine ten. {heard}"
        try await run(["reply": .string(reply), "reply_ms": 20_000]) { session, caller in
            try await caller.says()
            try await session.events { if case .speechStarted = $0 { true } else { false } }
            _ = try await session.hear(frames: 20)
            try await caller.says()
            let turn = try await session.nextTurn()
            #expect(turn.outcome == .interrupted)
            #expect(turn.heard != turn.agent)
            try await session.events { if case .speechStarted = $0 { true } else { false } }
            try await session.sendText("go on")
            let second = try await session.nextTurn()
            let told = second.agent.split(separator: ". ", maxSplits: 1).last ?? ""
            let milliseconds = told.split(separator: " ").first.flatMap { Int($0) } ?? 0
            #expect(told.hasSuffix("ms: \(turn.heard)"), "\(told)")
            #expect((100...20_000).contains(milliseconds), "\(told)")
        }
    }

    @Test func `words that come after the answer are the turn's all the same`() async throws {
        try await run(["lines": ["late but true"], "late_words": true]) { session, caller in
            try await caller.says()
            #expect(try await session.nextTurn().user == "late but true")
        }
    }

    @Test func `before the provider ends a session another goes on, and knows what was said`() async throws {
        let reply = "Turn {turn} after {history} lines, the last {last}."
        let options: [String: ConfigValue] = [
            "lines": ["first", "second"], "reply": .string(reply), "expire_after_ms": 3_000, "notice_ms": 2_500,
            "connect_ms": 50,
        ]
        try await run(options) { session, caller in
            try await caller.says()
            let first = try await session.nextTurn()
            #expect(first.agent == "Turn 1 after 0 lines, the last .")
            // Past the end of the first link, and of those that follow while nobody says anything.
            for _ in 0..<80 {
                try await caller.isQuiet(.milliseconds(50))
                try await Task.sleep(for: .milliseconds(50))
            }
            try await caller.says()
            let second = try await session.nextTurn()
            #expect(second.user == "first", "a new session of the mock begins its lines anew")
            #expect(second.agent == "Turn 1 after 2 lines, the last \(first.agent).")
            #expect(second.outcome == .answered)
        }
    }

    @Test func `an answer that is not over when the provider ends is not lost`() async throws {
        let options: [String: ConfigValue] = [
            "reply": "A long answer after {history} lines.", "reply_ms": 9_000, "expire_after_ms": 3_000,
            "notice_ms": 2_500,
        ]
        try await run(options) { session, caller in
            try await caller.says()
            let first = try await session.nextTurn()
            #expect(first.outcome == .answered)
            #expect(first.agent == "A long answer after 0 lines.")
            try await session.sendText("and now?")
            #expect(try await session.nextTurn().agent == "A long answer after 2 lines.")
        }
    }

    @Test func `a session that breaks off in the caller's turn is replaced, and no word is lost`() async throws {
        let options: [String: ConfigValue] = [
            "lines": ["first", "second"], "reply": "After {history} lines.", "break_at_turn": 2,
        ]
        try await run(options) { session, caller in
            try await caller.says()
            _ = try await session.nextTurn()
            try await caller.says()
            let second = try await session.nextTurn()
            #expect(second.outcome == .answered)
            #expect(second.user == "first", "the next session heard the whole turn, its first")
            #expect(second.agent == "After 2 lines.")
        }
    }

    @Test func `a provider that is lost for good ends the session by name`() async throws {
        let options: [String: ConfigValue] = ["break_at_turn": 1, "breaks_for_good": true, "frequency": 441]
        try await run(options) { session, caller in
            try await caller.says()
            let seen = try await session.events { if case .ended = $0 { true } else { false } }
            guard case .ended(let reason) = seen.last else { return }
            #expect(reason == .providerFailed)
        }
    }

    @Test func `a cascade goes on where the model is lost, and hears what it did not answer`() async throws {
        var config = Self.config([
            "reply": "I am the model.", "break_at_turn": 2, "breaks_for_good": true, "frequency": 442,
        ])
        config.stages[.stt] = StageConfig(options: ["lines": ["are you there"]])
        config.agentProvider = "echo"
        try await Quick.run(config) { backend in
            let session = try await backend.createSession(SessionConfig(userID: "user-001"))
            try await session.start()
            let caller = Caller(session: session)
            try await caller.says()
            #expect(try await session.nextTurn().agent == "I am the model.")
            try await caller.says()
            let second = try await session.nextTurn()
            #expect(second.outcome == .answered)
            #expect(second.user == "are you there")
            #expect(second.agent == "are you there")
            try await caller.says()
            #expect(try await session.nextTurn().heard == "are you there")
        }
    }

    @Test func `a model that does not exist, or not of this kind, is refused with its key`() async throws {
        for provider in ["nobody", "flite", nil] {
            var config = Self.config([:])
            config.s2sProvider = provider
            let error = await failure { () async throws(VoiceBackendError) in try await Quick.backend(config) }
            #expect(error?.code == .invalidConfig)
            #expect(error?.details["s2s_provider"] != nil)
        }
    }
}
