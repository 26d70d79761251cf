// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
internal import DequeModule
internal import Foundation

/// A fixed number of threads for blocking work: recognisers, synthesisers. First in, first out; bounded. Never Swift's
/// shared pool, which has one thread a core and must not block.
package final class WorkerPool: @unchecked Sendable {
    private let condition = NSCondition()
    private var queue: Deque<@Sendable () -> Void> = []
    private var stopping = false
    private let limit: Int
    private let name: String

    package init(name: String, threads: Int, limit: Int = 4096) {
        self.name = name
        self.limit = limit
        for _ in 0..<max(1, threads) { startThread() }
    }

    /// False when `limit` pieces of work wait already.
    package func run(_ work: @escaping @Sendable () -> Void) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard !stopping, queue.count < limit else { return false }
        queue.append(work)
        condition.signal()
        return true
    }

    /// Lets the threads end after what is queued.
    package func stop() {
        condition.lock()
        stopping = true
        condition.broadcast()
        condition.unlock()
    }

    package var waiting: Int {
        condition.lock()
        defer { condition.unlock() }
        return queue.count
    }

    private func startThread() {
        let context = Unmanaged.passRetained(self).toOpaque()
        _ = syrinx_thread_start(
            name,
            { context in
                guard let context else { return }
                Unmanaged<WorkerPool>.fromOpaque(context).takeRetainedValue().serve()
            }, context)
    }

    private func serve() {
        while let work = next() { work() }
    }

    private func next() -> (@Sendable () -> Void)? {
        condition.lock()
        defer { condition.unlock() }
        while queue.isEmpty {
            if stopping { return nil }
            condition.wait()
        }
        return queue.popFirst()
    }
}
