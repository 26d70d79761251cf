// SPDX-License-Identifier: Apache-2.0

internal import SyrinxRuntime

/// One configuration with its open providers. A new configuration makes a new generation; sessions keep theirs.
struct Generation: Sendable {
    var number: Int
    var config: Config
    /// Nil until the backend has started.
    var prepared: PreparedProfile?
}

/// What a backend may do when. A value; every event answers whether it is allowed, and nobody traps.
struct BackendStateMachine {
    enum Phase: Equatable {
        case created
        case starting(isRetry: Bool)
        case running
        case failed
        case draining
        case stopped
    }

    private(set) var phase = Phase.created

    mutating func start() throws(VoiceBackendError) {
        switch phase {
        case .created, .failed: phase = .starting(isRetry: false)
        case .starting, .running: throw Self.problem("start", .invalidState, "the backend was started before")
        case .draining, .stopped:
            throw Self.problem("start", .invalidState, "the backend has been stopped; make another one")
        }
    }

    mutating func retry() { if case .starting = phase { phase = .starting(isRetry: true) } }

    /// - Returns: false when the backend was stopped meanwhile.
    mutating func started(successfully: Bool) -> Bool {
        guard case .starting = phase else { return false }
        phase = successfully ? .running : .failed
        return true
    }

    /// - Throws: unless sessions can be created.
    func checkAccepting() throws(VoiceBackendError) {
        switch phase {
        case .running: return
        case .created, .starting, .failed:
            throw Self.problem("createSession", .invalidState, "the backend has not started; call start() first")
        case .draining, .stopped:
            throw Self.problem("createSession", .draining, "the backend takes no new sessions: it is stopping")
        }
    }

    mutating func drain() { if phase != .stopped { phase = .draining } }

    mutating func stop() { phase = .stopped }

    var connectionState: ConnectionState {
        switch phase {
        case .created, .stopped: .disconnected
        case .starting(let isRetry): isRetry ? .reconnecting : .connecting
        case .running, .draining: .connected
        case .failed: .error
        }
    }

    private static func problem(
        _ operation: String, _ code: VoiceBackendError.Code, _ message: String
    ) -> VoiceBackendError { VoiceBackendError(operation, code, message) }
}
