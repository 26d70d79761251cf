// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SyrinxRuntime

/// The end of a server: no new sessions, live calls end by themselves, at the deadline the rest is closed.
struct Drain: Sendable {
    let manager: SessionManager
    let deadline: Duration
    let logger: Logger

    /// - Parameter stops: the first element begins the drain, the second is its deadline. A cancelled task does neither.
    /// - Returns: the exit code, 0 or 3.
    func run(_ stops: AsyncStream<Void>) async -> Int32 {
        guard await Self.next(stops) else { return 0 }
        manager.beginDraining()
        logger.notice("draining", metadata: ["sessions": "\(manager.activeCount)", "deadline": "\(deadline)"])
        let forced = await withTaskGroup(of: Int?.self) { tasks in
            tasks.addTask { await manager.drain(deadline: deadline) }
            tasks.addTask { await Self.next(stops) ? await manager.drain(deadline: .zero) : nil }
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

    /// False when the task was cancelled. A source of stops that ends asks for nothing.
    private static func next(_ stops: AsyncStream<Void>) async -> Bool {
        for await _ in stops { return true }
        let never = AsyncStream<Void> { _ in }
        for await _ in never {}
        return false
    }
}
