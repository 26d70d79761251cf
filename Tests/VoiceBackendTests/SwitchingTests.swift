// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import VoiceBackend

/// A session goes on in another pipeline, or in another language, with the same history.
@Suite(.tags(.integration), .timeLimit(.minutes(5))) struct SwitchingTests {
    private static func hybrid(_ options: [String: ConfigValue] = [:], afterTools: Int = 0) -> Config {
        var config = Quick.config(lines: ["are you there"])
        config.pipelineType = .s2s
        config.s2sProvider = "mock"
        config.isHybrid = true
        config.hybridAfterTools = afterTools
        let preset: [String: ConfigValue] = ["reply_ms": 100, "lines": ["to the model"]]
        config.stages[.s2s] = StageConfig(options: .object(preset.merging(options) { $1 }))
        return config
    }

    /// Tells what it knows.
    private struct Historian: AgentInstance {
        func respond(to turn: AgentTurn) -> AsyncThrowingStream<String, any Error> {
            AsyncThrowingStream { continuation in
                let lines = turn.history.map { "\($0.role.rawValue): \($0.text)" }
                continuation.yield("[\(turn.language)] " + (lines + ["user: \(turn.text)"]).joined(separator: " | "))
                continuation.finish()
            }
        }
    }

    private func run(
        _ config: Config, tools: [Tool] = [], _ body: (VoiceSession, Caller) async throws -> Void
    ) async throws {
        try await Quick.run(config) { backend in
            var wanted = SessionConfig(userID: "user-001", agentInstance: Historian())
            wanted.tools = tools
            let session = try await backend.createSession(wanted)
            try await session.start()
            try await body(session, Caller(session: session))
        }
    }

    private func switched(_ session: VoiceSession) async throws -> VoiceEvent? {
        try await session.events { if case .pipelineSwitched = $0 { true } else { false } }.last
    }

    @Test func `from the model to the agent and back, each knows what was said`() async throws {
        let reply = "After {history} lines, the last {last}."
        try await run(Self.hybrid(["reply": .string(reply), "connect_ms": 50])) { session, caller in
            try await caller.says()
            #expect(try await session.nextTurn().agent == "After 0 lines, the last .")
            try await session.switchPipeline(to: .sttTTS)
            #expect(try await switched(session) == .pipelineSwitched(to: .sttTTS, reason: .requested))
            try await caller.says()
            let second = try await session.nextTurn()
            #expect(second.user == "are you there")
            #expect(
                second.agent
                    == "[en] user: to the model | assistant: After 0 lines, the last . | user: are you there")
            try await session.switchPipeline(to: .s2s)
            #expect(try await switched(session) == .pipelineSwitched(to: .s2s, reason: .requested))
            try await caller.says()
            let third = try await session.nextTurn()
            #expect(third.user == "to the model")
            #expect(third.agent == "After 4 lines, the last \(second.agent).")
        }
    }

    @Test func `after a tool call the agent goes on, and knows the result`() async throws {
        let config = Self.hybrid(["tool": "look", "reply": "Seen."], afterTools: 1)
        try await run(config, tools: [Tool("look") { _ in "a red door" }]) { session, _ in
            try await session.sendText("look")
            #expect(try await session.nextTurn().agent == "Seen.")
            #expect(try await switched(session) == .pipelineSwitched(to: .sttTTS, reason: .tools))
            try await session.sendText("what was it")
            let agent = try await session.nextTurn().agent
            #expect(agent.contains("answered: a red door | assistant: Seen. | user: what was it"), "\(agent)")
        }
    }

    @Test func `a model that cannot be had is told, and the agent goes on`() async throws {
        var config = Self.hybrid(["break_at_turn": 1, "breaks_for_good": true, "frequency": 443])
        config.pipelineType = .s2s
        try await run(config) { session, caller in
            // Lost for good: the agent takes over by itself, and answers what the model did not.
            try await caller.says()
            let first = try await session.nextTurn()
            #expect(first.outcome == .answered)
            try await session.switchPipeline(to: .s2s)
            let warning = try await session.events { if case .warning = $0 { true } else { false } }.last
            guard case .warning(let code, _) = warning else { return }
            #expect(code == "pipeline.switch_failed")
            try await session.sendText("go on")
            #expect(try await session.nextTurn().outcome == .answered)
        }
    }

    @Test func `a backend with one pipeline refuses`() async throws {
        try await run(Quick.config()) { session, _ in
            let code = await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in
                try await session.switchPipeline(to: .s2s)
            }
            #expect(code == .invalidState)
        }
    }

    // MARK: language

    @Test func `the agent is told of the session's new language`() async throws {
        try await run(Quick.config()) { session, _ in
            try await session.setLanguage("de")
            let event = try await session.events { if case .languageChanged = $0 { true } else { false } }.last
            #expect(event == .languageChanged(to: "de", from: "en", source: .requested))
            try await session.sendText("hallo")
            #expect(try await session.nextTurn().agent == "[de] user: hallo")
        }
    }

    @Test func `two utterances in another language change the session's before they are answered`() async throws {
        var config = Quick.config(lines: ["hallo", "guten Tag"])
        config.conversation.languages = ["en", "de-DE"]
        config.stages[.stt] = StageConfig(options: ["lines": ["hallo", "guten Tag"], "languages": ["de"]])
        try await run(config) { session, caller in
            try await caller.says()
            #expect(try await session.nextTurn().agent.hasPrefix("[en]"))
            try await caller.says()
            let seen = try await session.events { if case .turnEnded = $0 { true } else { false } }
            #expect(seen.contains(.languageChanged(to: "de-DE", from: "en", source: .detected)))
            guard case .turnEnded(let turn) = seen.last else { return }
            #expect(turn.agent.hasPrefix("[de-DE]"))
            // The recogniser was opened anew: it begins its lines again.
            try await caller.says()
            #expect(try await session.nextTurn().user == "hallo")
        }
    }

    @Test func `an agent may change it where the configuration says so`() async throws {
        var config = Self.hybrid(["tool": "switch_language", "reply": "{result}"])
        config.conversation.languages = ["en", "de"]
        try await run(config) { session, _ in
            try await session.sendText("deutsch bitte")
            #expect(try await session.nextTurn().agent.contains("must be one of en, de"))
        }
    }

    @Test func `a model that changes it hears so, and goes on in the new language`() async throws {
        var config = Self.hybrid([
            "tool": "switch_language", "tool_arguments": #"{"language":"de"}"#, "reply": "{result}",
        ])
        config.conversation.languages = ["en", "de"]
        try await run(config) { session, _ in
            try await session.sendText("deutsch bitte")
            let seen = try await session.events { if case .turnEnded = $0 { true } else { false } }
            #expect(seen.contains(.languageChanged(to: "de", from: "en", source: .agent)))
            guard case .turnEnded(let turn) = seen.last else { return }
            #expect(turn.agent == "The language is now de.")
            try await session.switchPipeline(to: .sttTTS)
            _ = try await switched(session)
            try await session.sendText("weiter")
            #expect(try await session.nextTurn().agent.hasPrefix("[de] "))
        }
    }

    @Test func `what is no language, and what the voice does not speak, is refused`() async throws {
        var config = Quick.config()
        config.ttsProvider = "flite"
        config.stages[.tts] = nil
        try await run(config) { session, _ in
            for (language, expected) in [
                ("no tag!", VoiceBackendError.Code.invalidFormat), ("de", .invalidConfig),
            ] {
                let code = await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in
                    try await session.setLanguage(language)
                }
                #expect(code == expected)
            }
        }
    }
}
