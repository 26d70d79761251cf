// SPDX-License-Identifier: Apache-2.0

/// The application's own part in a backend. All are optional; each is called from any thread.
public struct Hooks: Sendable {
    /// Says who asks for a session, and what they may do.
    public var auth: (any AuthHook)?
    /// Says how often somebody may ask; one for the whole backend, asked with the user as the key.
    public var rateLimiter: (any RateLimiter)?
    /// Routes calls of transport `telephony`; without it there are none.
    public var telephony: (any TelephonyHook)?
    /// Code on the media path of every session, beside the session's own.
    public var customProcessors: [any CustomProcessor] = []

    /// No hooks.
    public init() {}
}

/// Who is asking, and what they may do.
public protocol AuthHook: Sendable {
    /// Finds out who holds a token.
    /// - Parameters:
    ///   - token: ``SessionConfig/token``; empty when there is none.
    ///   - metadata: ``SessionConfig/metadata``.
    /// - Returns: the user; `isAuthorized` false refuses the session with `authentication_failed`.
    /// - Throws: anything; the session is refused with `authentication_failed`.
    func authenticate(token: String, metadata: [String: String]) async throws -> AuthResult

    /// Whether the user may do something.
    /// - Parameters:
    ///   - userID: from ``AuthResult``.
    ///   - operation: `create_session`.
    /// - Returns: false refuses the session with `authorization_failed`.
    /// - Throws: anything; the session is refused with `authorization_failed`.
    func authorize(userID: String, operation: String) async throws -> Bool
}

/// What an ``AuthHook`` found out.
public struct AuthResult: Sendable, Hashable {
    /// The user that the session is for from now on, whatever the request said.
    public var userID: String
    /// Whether the token is good.
    public var isAuthorized: Bool
    /// Added to the session's metadata.
    public var metadata: [String: String]

    /// Makes a result.
    public init(userID: String, isAuthorized: Bool, metadata: [String: String] = [:]) {
        self.userID = userID
        self.isAuthorized = isAuthorized
        self.metadata = metadata
    }
}

/// Says how often somebody may do something. ``KeyedRateLimiter`` is one.
public protocol RateLimiter: Sendable {
    /// Takes one permit of a key, if there is one now; never waits.
    /// - Throws: anything; the session is refused with `rate_limit_exceeded`.
    func allow(key: String) async throws -> Bool
}

/// Routes telephone calls to providers.
public protocol TelephonyHook: Sendable {
    /// Chooses the providers of a call, before a place is reserved for it.
    /// - Throws: anything; the session is refused with `pipeline_error`.
    func routeCall(_ call: IncomingCall) async throws -> CallRoute
}

/// A call that wants to be routed.
public struct IncomingCall: Sendable, Hashable {
    /// ``SessionConfig/phoneNumber``; empty when it is withheld.
    public var phoneNumber: String
    /// The user, as authenticated.
    public var userID: String
    /// ``SessionConfig/metadata``.
    public var metadata: [String: String]
}

/// Which providers a call goes to, over the backend's configuration.
public struct CallRoute: Sendable, Hashable {
    /// Providers by stage; stages that are not named keep the backend's.
    public var providers: [Stage: String]
    /// Their configuration and options; stages that are not named keep the backend's.
    public var stages: [Stage: StageConfig]
    /// Added to the session's metadata.
    public var metadata: [String: String]

    /// Makes a route.
    public init(
        providers: [Stage: String] = [:], stages: [Stage: StageConfig] = [:], metadata: [String: String] = [:]
    ) {
        self.providers = providers
        self.stages = stages
        self.metadata = metadata
    }
}

extension Config {
    /// This configuration with a call's own providers. A stage that changes its provider does not keep settings that
    /// were meant for the other one.
    func routed(_ route: CallRoute) -> Config {
        var config = self
        for (stage, name) in route.providers where config.provider(of: stage) != name {
            config.set(name, for: stage)
            config.stages[stage] = nil
            if stage == .backend { config.providerConfig = [:] }
        }
        config.stages.merge(route.stages) { $1 }
        return config
    }

    private mutating func set(_ name: String, for stage: Stage) {
        switch stage {
        case .backend: provider = name
        case .noiseCancellation: noiseCancellationProvider = name
        case .vad: vadProvider = name
        case .stt: sttProvider = name
        case .turnDetection: turnDetectionProvider = name
        case .agent: agentProvider = name
        case .tts: ttsProvider = name
        case .s2s: s2sProvider = name
        }
    }
}
