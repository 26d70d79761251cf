// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The open sessions of a backend that carries no media itself: a ``CountedSession`` for each.
///
/// Counts each opening in the provider's first metric, and tells when the last session of a drained provider has gone.
public final class SessionCounter: Sendable {
    private struct State {
        var sessions = 0
        var isDraining = false
    }

    private let host: Host
    private let state = Mutex(State())

    /// Starts with no session.
    public init(host: Host) {
        self.host = host
    }

    /// How many sessions are open.
    public var count: Int { state.withLock { $0.sessions } }

    /// One session more.
    public func open(_ host: SessionHost) -> CountedSession {
        state.withLock { $0.sessions += 1 }
        self.host.metric(0, 1)
        return CountedSession(counter: self, host: host)
    }

    func drain() {
        state.withLock { $0.isDraining = true }
    }

    /// After a DRAIN the last session to go tells that nothing is left.
    func closed() {
        let isDrained = state.withLock { state in
            state.sessions -= 1
            guard state.isDraining, state.sessions == 0 else { return false }
            state.isDraining = false
            return true
        }
        if isDrained { host.emit(.drained) }
    }
}

/// One session of a backend that carries no media itself.
public final class CountedSession: Session {
    private let counter: SessionCounter
    private let outbox: Outbox

    init(counter: SessionCounter, host: SessionHost) {
        self.counter = counter
        outbox = Outbox(host: host)
    }

    /// Skips audio, since somebody else carries it; a session has nothing under way, so it is drained at once.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .drain:
            counter.drain()
            outbox.send(.drained)
        case .writable: outbox.flush()
        default: return .skip
        }
        return .ok
    }

    /// One session less.
    public func close() {
        outbox.close()
        counter.closed()
    }
}
