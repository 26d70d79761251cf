// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import VoiceBackend

@Suite(.tags(.integration), .timeLimit(.minutes(10))) struct AdmissionTests {
    @Test func `B8: one limiter serves the whole backend, by user`() async throws {
        var hooks = Hooks()
        hooks.rateLimiter = KeyedRateLimiter(permits: 2, per: .seconds(3600))
        try await Quick.run(hooks: hooks) { backend in
            for _ in 0..<2 { _ = try await backend.createSession(Quick.session("anna")) }
            let error = await failure { () async throws(VoiceBackendError) in
                try await backend.createSession(Quick.session("anna"))
            }
            #expect(error?.code == .rateLimitExceeded)
            #expect(error?.isRetryable == true)
            _ = try await backend.createSession(Quick.session("bert"))
            #expect(backend.activeSessionCount == 3)
        }
    }

    @Test func `B9: a provider that does not open refuses the session, and the place is free again`() async throws {
        var hooks = Hooks()
        hooks.telephony = Switchboard { _ in
            CallRoute(
                providers: [.stt: "pocketsphinx"],
                stages: [.stt: StageConfig(config: ["grammar": "this is no grammar"])])
        }
        try await Quick.run(hooks: hooks) { backend in
            var wanted = Quick.phoneCall()
            wanted.agentCallback = { $0 }
            let error = await failure { () async throws(VoiceBackendError) in try await backend.createSession(wanted) }
            #expect(error?.code == .invalidConfig)
            #expect(error?.message.contains("pocketsphinx") == true)
            #expect(backend.activeSessionCount == 0)
            #expect(backend.metrics.sessionsCreated == 0)
        }
    }

    @Test func `B9: sessions of one user have names of their own`() async throws {
        try await Quick.run { backend in
            let first = try await backend.createSession(Quick.session())
            let second = try await backend.createSession(Quick.session())
            #expect(first.id != second.id)
            #expect(try backend.session(first.id) === first)
        }
    }

    @Test func `B22: a telephone call is routed to the providers that the hook names`() async throws {
        var hooks = Hooks()
        let numbers = Log()
        hooks.telephony = Switchboard { call in
            numbers.add(call.phoneNumber)
            return CallRoute(
                providers: [.agent: "echo"], stages: [.agent: StageConfig(config: ["prefix": "routed: "])],
                metadata: ["queue": "sales"])
        }
        try await Quick.run(hooks: hooks) { backend in
            let session = try await backend.createSession(Quick.phoneCall("+4930123456"))
            #expect(numbers.lines == ["+4930123456"])
            #expect(session.metadata["queue"] == "sales")
            try await session.start()
            try await session.sendText("hello")
            #expect(try await session.nextTurn().agent == "routed: hello")
        }
    }

    @Test func `B22: without the hook there are no telephone calls, and web calls need their backend`() async throws {
        try await Quick.run { backend in
            let phone = await failure { () async throws(VoiceBackendError) in
                try await backend.createSession(Quick.phoneCall())
            }
            #expect(phone?.code == .invalidConfig)
            var wanted = Quick.session()
            wanted.transport = .webrtc
            let web = await failure { () async throws(VoiceBackendError) in try await backend.createSession(wanted) }
            #expect(web?.code == .invalidConfig)
            #expect(web?.details["transport"]?.contains("webrtc") == true)
        }
    }

    @Test func `the auth hook decides who is calling`() async throws {
        var hooks = Hooks()
        hooks.auth = Doorman()
        try await Quick.run(hooks: hooks) { backend in
            var wanted = Quick.session("whoever")
            let nobody = await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in
                try await backend.createSession(wanted)
            }
            #expect(nobody == .authenticationFailed)
            wanted.token = "guest"
            let guest = await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in
                try await backend.createSession(wanted)
            }
            #expect(guest == .authorizationFailed)
            wanted.token = "anna"
            let session = try await backend.createSession(wanted)
            #expect(session.userID == "anna")
            #expect(session.metadata["door"] == "front")
        }
    }

    @Test func `a session without an agent is refused`() async throws {
        try await Quick.run { backend in
            let code = await VoiceBackendError.Code.of { () async throws(VoiceBackendError) in
                try await backend.createSession(SessionConfig(userID: "user-001"))
            }
            #expect(code == .agentNotSet)
        }
    }
}

@Suite(.tags(.unit)) struct KeyedRateLimiterTests {
    @Test func `permits come back with time, never beyond the burst`() {
        let clock = Hands()
        let limiter = KeyedRateLimiter(permits: 1, per: .seconds(1), burst: 2) { clock.now }
        #expect([limiter.allow(key: "a"), limiter.allow(key: "a"), limiter.allow(key: "a")] == [true, true, false])
        clock.advance(.seconds(1))
        #expect([limiter.allow(key: "a"), limiter.allow(key: "a")] == [true, false])
        clock.advance(.seconds(100))
        #expect([limiter.allow(key: "a"), limiter.allow(key: "a"), limiter.allow(key: "a")] == [true, true, false])
    }

    @Test func `the keys are bounded, and full buckets make room`() {
        let clock = Hands()
        let limiter = KeyedRateLimiter(permits: 1, per: .seconds(1), maxKeys: 2) { clock.now }
        #expect(limiter.allow(key: "a"))
        #expect(limiter.allow(key: "b"))
        #expect(!limiter.allow(key: "c"))
        clock.advance(.seconds(1))
        #expect(limiter.allow(key: "c"))
    }
}

extension Quick {
    static func phoneCall(_ number: String = "") -> SessionConfig {
        var wanted = SessionConfig(userID: "user-001", transport: .telephony)
        wanted.phoneNumber = number
        return wanted
    }
}

private struct Switchboard: TelephonyHook {
    let route: @Sendable (IncomingCall) -> CallRoute

    func routeCall(_ call: IncomingCall) async throws -> CallRoute { route(call) }
}

private struct Doorman: AuthHook {
    func authenticate(token: String, metadata: [String: String]) async throws -> AuthResult {
        AuthResult(userID: token, isAuthorized: !token.isEmpty, metadata: ["door": "front"])
    }

    func authorize(userID: String, operation: String) async throws -> Bool { userID != "guest" }
}

/// A clock that a test moves.
private final class Hands: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func advance(_ duration: Duration) { time.withLock { $0 += duration } }
}
