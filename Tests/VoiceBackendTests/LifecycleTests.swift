// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import VoiceBackend

@Suite(.tags(.integration), .timeLimit(.minutes(10))) struct LifecycleTests {
    @Test func `B5: a stop refuses new sessions at once and waits for the live ones`() async throws {
        let backend = try await Quick.backend()
        let session = try await backend.createSession(Quick.session())
        try await session.start()
        let stopping = Task { await backend.stop(drain: .seconds(30)) }
        while await VoiceBackendError.Code.of({ () async throws(VoiceBackendError) in
            let late = try await backend.createSession(Quick.session())
            await late.stop()
        }) != .draining { await Task.yield() }
        #expect(session.state == .listening)
        #expect(await backend.healthCheck().status == .degraded)
        try await session.sendText("still there?")
        #expect(try await session.nextTurn().outcome == .answered)
        await session.stop()
        #expect(await stopping.value == 0)
        #expect(backend.connectionState == .disconnected)
        #expect(backend.activeSessionCount == 0)
        #expect(await backend.healthCheck().status == .unhealthy)
    }

    @Test func `B5: at the deadline the rest is closed, and only then the providers`() async throws {
        let backend = try await Quick.backend()
        let sessions = try await [backend.createSession(Quick.session()), backend.createSession(Quick.session())]
        try await sessions[0].start()
        #expect(await backend.stop(drain: .milliseconds(50)) == 2)
        #expect(try await sessions[0].waitUntilEnded() == .drained)
        #expect(try await sessions[1].waitUntilEnded() == .drained)
        #expect(backend.openProviderCount == 0)
        #expect(await backend.stop() == 2)
    }

    @Test(
        arguments: [
            [], [.start], [.stop], [.close], [.start, .stop], [.start, .close], [.stop, .close], [.close, .stop],
            [.close, .close], [.stop, .stop], [.start, .stop, .close], [.start, .close, .stop, .close],
            [.stop, .start],
            [.close, .start, .close],
        ] as [[Step]])
    func `B6: every order of start, stop and close ends with no place taken`(_ steps: [Step]) async throws {
        try await Quick.run { backend in
            let session = try await backend.createSession(Quick.session())
            #expect(backend.activeSessionCount == 1)
            for step in steps {
                switch step {
                case .start: try? await session.start()
                case .stop: await session.stop()
                case .close: try await backend.closeSession(session.id)
                }
            }
            try await backend.closeSession(session.id)
            #expect(backend.activeSessionCount == 0)
            #expect(backend.sessions.isEmpty)
            #expect(session.persistenceStatus == .completed)
        }
    }

    enum Step: Sendable { case start, stop, close }

    @Test func `B6: closing what never was is an error`() async throws {
        try await Quick.run { backend in
            let code = await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in
                try await backend.closeSession("ses_none")
            }
            #expect(code == .sessionNotFound)
        }
    }

    @Test func `B7: of fifty creates too many exactly the limit succeeds`() async throws {
        var config = Quick.config()
        config.maxConcurrentSessions = 20
        try await Quick.run(config) { backend in
            let codes = await withTaskGroup(of: VoiceBackendError.Code?.self) { tasks in
                for number in 0..<70 {
                    tasks.addTask {
                        await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in
                            try await backend.createSession(Quick.session("user-\(number)"))
                        }
                    }
                }
                return await tasks.reduce(into: [VoiceBackendError.Code?]()) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 20)
            #expect(codes.count { $0 == .sessionLimitExceeded } == 50)
            #expect(backend.activeSessionCount == 20)
            #expect(backend.metrics.sessionsRefused == [.sessionLimitExceeded: 50])
            let first = try #require(backend.sessions.first)
            try await backend.closeSession(first.id)
            _ = try await backend.createSession(Quick.session())
        }
    }

    @Test func `B23: a new configuration is for new sessions, its limit for all`() async throws {
        try await Quick.run { backend in
            let old = try await backend.createSession(Quick.session())
            var config = backend.config
            config.agentProvider = "echo"
            config.maxConcurrentSessions = 1
            try await backend.updateConfig(config)
            #expect(backend.config.maxConcurrentSessions == 1)
            #expect(
                await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in
                    try await backend.createSession(Quick.session())
                } == .sessionLimitExceeded)
            config.maxConcurrentSessions = 2
            try await backend.updateConfig(config)
            let new = try await backend.createSession(SessionConfig(userID: "user-002"))
            #expect(old.generation == 1)
            #expect(new.generation == 3)
            try await old.start()
            try await old.sendText("old")
            #expect(try await old.nextTurn().agent == "you said old")
            try await new.start()
            try await new.sendText("new")
            #expect(try await new.nextTurn().agent == "new")
        }
    }

    @Test func `B23: a configuration that is wrong changes nothing`() async throws {
        try await Quick.run { backend in
            var config = backend.config
            config.sttProvider = "nobody"
            config.timeout = .milliseconds(1)
            let error = await failure { () async throws(VoiceBackendError) in try await backend.updateConfig(config) }
            #expect(error?.code == .invalidConfig)
            #expect(error?.details.keys.sorted() == ["stt_provider", "timeout"])
            #expect(backend.config.sttProvider == "mock")
            _ = try await backend.createSession(Quick.session())
        }
    }

    @Test func `a backend says where it stands`() async throws {
        let config = Quick.config()
        let backend = try await VoiceBackends.make("local", config: config)
        #expect(backend.connectionState == .disconnected)
        #expect(await backend.healthCheck().status == .unknown)
        let early = await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in
            try await backend.createSession(Quick.session())
        }
        #expect(early == .invalidState)
        try await backend.start()
        #expect(backend.connectionState == .connected)
        #expect(await backend.healthCheck().isHealthy)
        #expect(
            await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in try await backend.start() }
                == .invalidState)
        await backend.stop()
        #expect(
            await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in try await backend.start() }
                == .invalidState)
    }

    @Test func `a session that is created and forgotten gives its place back`() async throws {
        var config = Quick.config()
        config.timeout = .seconds(1)
        try await Quick.run(config) { backend in
            let session = try await backend.createSession(Quick.session())
            #expect(try await session.waitUntilEnded() == .startTimeout)
            #expect(backend.activeSessionCount == 0)
        }
    }

    @Test func `a session starts once`() async throws {
        try await Quick.run { backend in
            let session = try await backend.createSession(Quick.session())
            #expect(session.state == .initial)
            try await session.start()
            #expect(
                await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in try await session.start() }
                    == .sessionAlreadyActive)
            await session.stop()
            #expect(session.state == .ended)
            #expect(
                await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in try await session.start() }
                    == .sessionNotActive)
        }
    }
}
