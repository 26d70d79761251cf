// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// The backend `local`: the host itself.
///
/// It carries the media, so this provider only counts sessions.
public final class LocalBackendProvider: Provider {
    private struct State {
        var sessions = 0
        var isDraining = false
    }

    private let host: Host
    private let state = Mutex(State())

    /// Starts with no session.
    public init(config: NoOptions, host: Host) throws(PluginError) {
        self.host = host
    }

    /// How many sessions are open.
    public var sessionCount: Int { state.withLock { $0.sessions } }

    /// Counts one more session.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> LocalBackendSession {
        state.withLock { $0.sessions += 1 }
        self.host.metric(0, 1)
        return LocalBackendSession(provider: self, host: host)
    }

    func drain() {
        state.withLock { $0.isDraining = true }
    }

    /// After a DRAIN the last session to go tells that nothing is left.
    func sessionClosed() {
        let isDrained = state.withLock { state in
            state.sessions -= 1
            guard state.isDraining, state.sessions == 0 else { return false }
            state.isDraining = false
            return true
        }
        if isDrained { host.emit(.drained) }
    }
}

/// One session at the backend `local`.
public final class LocalBackendSession: Session {
    private let provider: LocalBackendProvider
    private let outbox: Outbox

    init(provider: LocalBackendProvider, host: SessionHost) {
        self.provider = provider
        outbox = Outbox(host: host)
    }

    /// Skips audio, since the host plays it itself; a session has nothing under way, so it is drained at once.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .drain:
            provider.drain()
            outbox.send(.drained)
        case .writable: outbox.flush()
        default: return .skip
        }
        return .ok
    }

    /// Counts one session less.
    public func close() {
        outbox.close()
        provider.sessionClosed()
    }
}
