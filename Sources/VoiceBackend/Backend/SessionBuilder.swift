// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// Takes a request for a session through admission, step by step. A step that throws leaves nothing behind: the
/// reserved place goes back with the admission that nobody holds any more.
struct SessionBuilder: Sendable {
    private static let operation = "createSession"

    let backend: VoiceBackend
    let wanted: SessionConfig

    func build() async throws(VoiceBackendError) -> VoiceSession {
        var generation = try pipeline(of: try current())
        try wanted.check(for: generation.config, hooks: backend.hooks)
        var caller = try await authenticate()
        try await askRateLimit(caller.userID)
        if wanted.transport == .telephony { generation = try await route(&caller, generation) }
        let admission = try admit(caller, generation)
        guard backend.gate.enter() else {
            throw VoiceBackendError(Self.operation, .draining, "the backend is stopping")
        }
        defer { backend.gate.leave() }
        let prepared = try await providers(generation)
        return try await begin(admission, caller, generation, prepared)
    }

    private func current() throws(VoiceBackendError) -> Generation {
        try backend.change { state throws(VoiceBackendError) in
            try state.machine.checkAccepting()
            return state.generation
        }
    }

    /// The backend's generation, or the same with the session's own pipeline.
    private func pipeline(of generation: Generation) throws(VoiceBackendError) -> Generation {
        guard let type = wanted.pipelineType, type != generation.config.pipelineType else { return generation }
        var config = generation.config
        config.pipelineType = type
        let issues = config.pipelineIssues(backend.host.registry)
        guard issues.isEmpty else {
            throw VoiceBackendError(
                Self.operation, .pipelineError,
                "a pipeline of type `\(type.rawValue)` cannot be served: "
                    + issues.map { "\($0.path): \($0.message)" }.joined(separator: "; "),
                details: ["pipeline_type": type.rawValue])
        }
        return Generation(number: generation.number, config: config, prepared: nil)
    }

    // MARK: who

    private struct Caller {
        var userID: String
        var metadata: [String: String]
    }

    private func authenticate() async throws(VoiceBackendError) -> Caller {
        guard let auth = backend.hooks.auth else { return Caller(userID: wanted.userID, metadata: wanted.metadata) }
        let result: AuthResult
        do {
            result = try await auth.authenticate(token: wanted.token, metadata: wanted.metadata)
        } catch {
            throw VoiceBackendError(Self.operation, .authenticationFailed, thrown: error, doing: "authenticate")
        }
        guard result.isAuthorized else {
            throw VoiceBackendError(Self.operation, .authenticationFailed, "the token is not good")
        }
        var mayCreate = false
        do {
            mayCreate = try await auth.authorize(userID: result.userID, operation: "create_session")
        } catch {
            throw VoiceBackendError(Self.operation, .authorizationFailed, thrown: error, doing: "authorize")
        }
        guard mayCreate else {
            throw VoiceBackendError(Self.operation, .authorizationFailed, "`\(result.userID)` may not create sessions")
        }
        return Caller(userID: result.userID, metadata: wanted.metadata.merging(result.metadata) { $1 })
    }

    private func askRateLimit(_ userID: String) async throws(VoiceBackendError) {
        guard let limiter = backend.hooks.rateLimiter else { return }
        var isAllowed = false
        do {
            isAllowed = try await limiter.allow(key: userID)
        } catch {
            throw VoiceBackendError(Self.operation, .rateLimitExceeded, thrown: error, doing: "rate limiter")
        }
        guard isAllowed else {
            throw VoiceBackendError(Self.operation, .rateLimitExceeded, "`\(userID)` asks too often; try again later")
        }
    }

    // MARK: where to

    /// The generation with the call's own providers, not yet open.
    private func route(_ caller: inout Caller, _ generation: Generation) async throws(VoiceBackendError) -> Generation {
        guard let telephony = backend.hooks.telephony else { return generation }
        let call = IncomingCall(phoneNumber: wanted.phoneNumber, userID: caller.userID, metadata: caller.metadata)
        let route: CallRoute
        do {
            route = try await telephony.routeCall(call)
        } catch {
            throw VoiceBackendError(Self.operation, .pipelineError, thrown: error, doing: "routeCall")
        }
        caller.metadata.merge(route.metadata) { $1 }
        let config = generation.config.routed(route)
        try config.pipelineIssues(backend.host.registry).throwIfAny(Self.operation)
        guard wanted.agent != nil || config.agentProvider != nil || config.pipelineType == .s2s else {
            throw VoiceBackendError(Self.operation, .agentNotSet, "neither the call nor its route has an agent")
        }
        guard config != generation.config else { return generation }
        return Generation(number: generation.number, config: config, prepared: nil)
    }

    private func providers(_ generation: Generation) async throws(VoiceBackendError) -> PreparedProfile {
        if let prepared = generation.prepared { return prepared }
        return try await backend.prepare(generation.config, Self.operation) {}
    }

    // MARK: a place, and the session in it

    private func admit(_ caller: Caller, _ generation: Generation) throws(VoiceBackendError) -> Admission {
        var request = CallRequest(profile: generation.config.provider, rate: wanted.rate, user: caller.userID)
        request.language = wanted.language
        request.metadata = caller.metadata
        do {
            return try backend.manager.admit(request)
        } catch {
            throw VoiceBackendError(Self.operation, error)
        }
    }

    private func begin(
        _ admission: Admission, _ caller: Caller, _ generation: Generation, _ prepared: PreparedProfile
    ) async throws(VoiceBackendError) -> VoiceSession {
        let loop = SharedRuntime.group.next()
        do {
            return try await loop.submit {
                try self.beginOnLoop(admission, caller.userID, generation, prepared, loop)
            }.get()
        } catch let error as SyrinxError {
            throw VoiceBackendError(Self.operation, error)
        } catch {
            throw VoiceBackendError(Self.operation, .pipelineError, thrown: error, doing: "begin")
        }
    }

    private func beginOnLoop(
        _ admission: Admission, _ userID: String, _ generation: Generation, _ prepared: PreparedProfile,
        _ loop: any EventLoop
    ) throws(SyrinxError) -> VoiceSession {
        let context = ProcessorContext(sessionID: admission.id, userID: userID)
        let line = makeLine(admission.id, generation, loop)
        let agent = wanted.agent.map { makeAgent($0, line, context) }
        var extras = SessionExtras()
        extras.agent = agent
        let tools = wanted.tools + (wanted.agent?.tools ?? [])
        extras.tools = tools.handlers
        extras.instructions = wanted.instructions
        extras.toolDescriptions = tools.map {
            ToolDescription(name: $0.name, about: $0.description, parameters: $0.parameters.json)
        }
        let processors = backend.hooks.customProcessors + wanted.customProcessors
        extras.processors = processors.map { ProcessorAdapter($0, context) }
        if generation.config.enableMetrics {
            // Slow answers are an event of the session already.
            let metrics = MetricsObserver(
                metrics: backend.voiceMetrics, tenant: "default", target: generation.config.latencyTarget,
                onSlow: { _ in })
            extras.observers = [metrics]
            extras.listeners = [metrics]
        }
        let call = try backend.manager.begin(admission, prepared: prepared, on: loop, transport: line, extras: extras)
        line.attach(call)
        agent?.attach(call)
        let session = VoiceSession(
            wanted, userID: userID, generation: generation.number, call: call.status, line: line, agent: agent)
        backend.joined(session)
        return session
    }

    private func makeLine(_ id: String, _ generation: Generation, _ loop: any EventLoop) -> MediaLine {
        let backend = backend
        let config = generation.config
        return MediaLine(
            loop: loop, rate: wanted.rate, latencyTarget: config.latencyTarget,
            observer: MediaLine.Observer(
                turnEnded: { backend.turnEnded($0, of: id, config) }, ended: { backend.ended(id, $0) }))
    }

    private func makeAgent(
        _ instance: any AgentInstance, _ line: MediaLine, _ context: ProcessorContext
    ) -> ApplicationAgent {
        ApplicationAgent(instance, tools: wanted.tools + instance.tools, loop: line.loop, session: context) {
            code, message in
            line.report(.warning(code: code.rawValue, message: message))
        }
    }
}
