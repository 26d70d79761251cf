// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Synchronization
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// The one place that begins and ends draining: for the operator, who may change his mind, and for the end of the
/// server, which is for good. Thread-safe.
final class DrainControl: Sendable {
    let manager: SessionManager
    private let policies: PolicyStore
    private let logger: Logger
    /// At the end of the server, before anything else.
    private let onStop: @Sendable () -> Void
    private let state = Mutex(State())

    private struct State {
        var isStopping = false
        var task: Task<Void, Never>?
    }

    init(
        manager: SessionManager, policies: PolicyStore, logger: Logger, onStop: @escaping @Sendable () -> Void = {}
    ) {
        self.onStop = onStop
        self.manager = manager
        self.policies = policies
        self.logger = logger
    }

    // MARK: the operator's

    /// Takes no new sessions; at the deadline the rest is closed, and the process stays.
    func begin() {
        let policy = policies.current.drain
        state.withLock { state in
            guard state.task == nil, !state.isStopping else { return }
            manager.beginDraining()
            log(policy)
            state.task = Task { [manager] in
                _ = await manager.drain(deadline: policy.deadline, goodbye: policy.goodbye)
            }
        }
    }

    /// Takes new sessions again.
    /// - Throws: `drain.stopping` when the server is about to end.
    func cancel() throws(SyrinxError) {
        let refusal = state.withLock { state -> SyrinxError? in
            guard !state.isStopping else {
                return SyrinxError(
                    "drain.stopping", "the server was told to stop: its drain cannot be taken back",
                    fix: "start another server")
            }
            manager.cancelDraining()
            state.task?.cancel()
            state.task = nil
            return nil
        }
        if let refusal { throw refusal }
        logger.notice("drain cancelled")
    }

    var json: JSONValue {
        let sessions = manager.sessions
        let now = manager.host.environment.now()
        return [
            "draining": .bool(manager.isDraining), "stopping": .bool(state.withLock(\.isStopping)),
            "remaining": .int(Int64(manager.activeCount)),
            "oldest_ms": .int((now - (sessions.first?.createdAt ?? now)).nanoseconds / 1_000_000),
        ]
    }

    // MARK: the end

    /// - Parameter stops: the first element begins the drain, the second is its deadline. A cancelled task does neither.
    /// - Returns: the exit code, 0 or 3.
    func run(_ stops: AsyncStream<Void>) async -> Int32 {
        guard await Self.next(stops) else { return 0 }
        let policy = policies.current.drain
        state.withLock { $0.isStopping = true }
        onStop()
        manager.beginDraining()
        log(policy)
        let forced = await withTaskGroup(of: Int?.self) { tasks in
            tasks.addTask { [manager] in await manager.drain(deadline: policy.deadline, goodbye: policy.goodbye) }
            tasks.addTask { [manager] in await Self.next(stops) ? await manager.drain(deadline: .zero) : nil }
            // Cancelled, the second may be the first to return; only the drain knows how many were closed.
            while let forced = await tasks.next() {
                guard let forced else { continue }
                tasks.cancelAll()
                return forced
            }
            return 0
        }
        logger.notice("drained", metadata: ["closed": "\(forced)"])
        return forced == 0 ? 0 : 3
    }

    private func log(_ policy: DrainPolicy) {
        logger.notice("draining", metadata: ["sessions": "\(manager.activeCount)", "deadline": "\(policy.deadline)"])
    }

    /// False when the task was cancelled. A source of stops that ends asks for nothing.
    private static func next(_ stops: AsyncStream<Void>) async -> Bool {
        for await _ in stops { return true }
        let never = AsyncStream<Void> { _ in }
        for await _ in never {}
        return false
    }
}
