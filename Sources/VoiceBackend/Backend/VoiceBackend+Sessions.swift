// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Synchronization
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

extension VoiceBackend {
    /// Creates a session; ``VoiceSession/start()`` begins it, within ``Config/timeout``.
    ///
    /// In this order: the request is checked, the user authenticated, the rate limit asked, a telephone call routed, a
    /// place reserved; only then is a provider touched. Whatever fails, the place is free again.
    /// - Throws: ``VoiceBackendError`` `invalid_state` before the start, `draining` once the backend is stopping,
    ///   `invalid_config`, `pipeline_error`, `agent_not_set`, `invalid_format` for the request,
    ///   `authentication_failed`, `authorization_failed`, `rate_limit_exceeded`, `session_limit_exceeded`, and what
    ///   ``start()`` throws for a provider that does not open.
    public func createSession(_ wanted: SessionConfig) async throws(VoiceBackendError) -> VoiceSession {
        do {
            let session = try await SessionBuilder(backend: self, wanted: wanted).build()
            log(config, "session created", ["syrinx.session": "\(session.id)"])
            return session
        } catch {
            count { $0.sessionsRefused[error.code, default: 0] += 1 }
            log(config, "session refused", ["code": "\(error.code)"])
            throw error
        }
    }

    /// A live session.
    /// - Throws: ``VoiceBackendError`` `session_not_found`.
    public func session(_ id: String) throws(VoiceBackendError) -> VoiceSession {
        guard let session = state.withLock({ $0.sessions[id] }) else { throw Self.notFound(id, "session") }
        return session
    }

    /// All live sessions, oldest first.
    public var sessions: [VoiceSession] {
        state.withLock { Array($0.sessions.values) }.sorted { $0.createdAt < $1.createdAt }
    }

    /// Ends a session, started or not, and returns when its place is free: within two seconds, whatever its providers do.
    /// Closing one that has ended before is no error.
    /// - Throws: ``VoiceBackendError`` `session_not_found` when there was none of this id among the last thousand.
    public func closeSession(_ id: String) async throws(VoiceBackendError) {
        let (session, wasThere) = state.withLock { ($0.sessions[id], $0.closed.contains(id)) }
        if let session { return await session.close(.admin) }
        guard wasThere else { throw Self.notFound(id, "closeSession") }
    }

    private static func notFound(_ id: String, _ operation: String) -> VoiceBackendError {
        VoiceBackendError(operation, .sessionNotFound, "there is no session `\(id)`")
    }

    // MARK: what sessions report

    func joined(_ session: VoiceSession) {
        state.withLock { $0.sessions[session.id] = session }
        count { $0.sessionsCreated += 1 }
    }

    func ended(_ id: String, _ reason: EndReason) {
        state.withLock { state in
            state.sessions[id] = nil
            state.closed.insert(id)
        }
        count { $0.sessionsEnded += 1 }
        log(config, "session ended", ["syrinx.session": "\(id)", "reason": "\(reason)"])
    }

    func turnEnded(_ turn: VoiceTurn, of id: String, _ config: Config) {
        count { metrics in
            metrics.turns[turn.outcome, default: 0] += 1
            if let latency = turn.latency.total, latency > config.latencyTarget { metrics.turnsOverLatencyTarget += 1 }
        }
        guard config.enableTracing else { return }
        logger.trace(
            "turn ended",
            metadata: [
                "syrinx.session": "\(id)", "outcome": "\(turn.outcome.rawValue)",
                "latency_ms": "\(turn.latency.total?.milliseconds ?? 0)",
                "end_of_turn_ms": "\(turn.latency.endOfTurn?.milliseconds ?? 0)",
                "agent_first_token_ms": "\(turn.latency.agentFirstToken?.milliseconds ?? 0)",
                "speech_first_byte_ms": "\(turn.latency.speechFirstByte?.milliseconds ?? 0)",
            ])
    }

    private func count(_ change: (inout BackendMetrics) -> Void) {
        state.withLock { state in
            if state.generation.config.enableMetrics { change(&state.metrics) }
        }
    }
}
