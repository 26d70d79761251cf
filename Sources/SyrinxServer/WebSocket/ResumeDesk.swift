// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization
internal import SyrinxAccess
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// Sessions whose callers may come back after a lost connection, each by a token that is good once. Thread-safe.
///
/// Only sessions that asked for it (`resumable=true`): a place is held for the window, and a client that does not know
/// how to come back would hold it for nothing.
final class ResumeDesk: Sendable {
    private let tokens: ResumeTokens
    private let policies: PolicyStore
    private let ports = Mutex<[String: TalkPort]>([:])
    private let clock: @Sendable () -> Instant

    init(policies: PolicyStore, environment: RuntimeEnvironment, capacity: Int = 100_000) {
        self.policies = policies
        tokens = ResumeTokens(capacity: capacity)
        clock = { environment.now() }
    }

    /// How long a session waits for its caller; nil = it does not.
    private var window: Duration? { policies.current.resumeWindow }

    func add(_ port: TalkPort) { ports.withLock { $0[port.id] = port } }

    func remove(_ session: String) {
        tokens.forget(session: session)
        ports.withLock { _ = $0.removeValue(forKey: session) }
    }

    /// A new token for the greeting; the one before is good no more. Nil where nothing can be resumed.
    func offer(_ session: String) -> JSONValue? {
        guard let window, let token = tokens.issue(session: session, now: clock()) else { return nil }
        return ["token": .string(token), "window_ms": .int(window.nanoseconds / 1_000_000)]
    }

    /// Uses a token up.
    /// - Throws: `session.resume_not_found`.
    func redeem(_ token: String) throws(SyrinxError) -> TalkPort {
        guard let session = tokens.redeem(token, now: clock()), let port = ports.withLock({ $0[session] }) else {
            throw SyrinxError(
                "session.resume_not_found", "this token resumes nothing: unknown, used, or too late",
                fix: "begin a new session")
        }
        return port
    }

    /// The connection of a session broke: it waits for the caller, then ends. On the session's event loop.
    func connectionLost(_ port: TalkPort, _ line: TalkLine) {
        guard let window, window > .zero else { return line.submit(.close(.transportLost)) }
        tokens.connectionLost(session: port.id, until: clock() + window)
        line.interrupt()
        let connection = line.connection
        port.loop.scheduleTask(in: TimeAmount(window)) { [bound = port.line] in
            let line = bound.value
            if line.isCurrent(connection) { line.submit(.close(.transportLost)) }
        }
    }
}
