// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxHost

/// A session's executor that runs when the test says so.
package final class FakeExecutor: SessionExecutor {
    private struct State {
        var ready: [@Sendable () -> Void] = []
        var delayed: [(id: Int, due: Duration, work: @Sendable () -> Void)] = []
        var elapsed = Duration.zero
        var nextID = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var isCurrent: Bool { true }

    package func execute(_ work: @escaping @Sendable () -> Void) { state.withLock { $0.ready.append(work) } }

    package func schedule(after delay: Duration, _ work: @escaping @Sendable () -> Void) -> any ScheduledWork {
        let id = state.withLock { state in
            state.nextID += 1
            state.delayed.append((state.nextID, state.elapsed + delay, work))
            return state.nextID
        }
        return Delayed(cancelled: { [weak self] in self?.state.withLock { $0.delayed.removeAll { $0.id == id } } })
    }

    /// Runs all that is ready, and what becomes ready by it.
    package func run() {
        while let work = state.withLock({ $0.ready.isEmpty ? nil : $0.ready.removeFirst() }) { work() }
    }

    /// Lets time pass.
    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.elapsed += duration
            let due = state.delayed.filter { $0.due <= state.elapsed }.sorted { $0.due < $1.due }
            state.delayed.removeAll { $0.due <= state.elapsed }
            return due
        }
        for item in due { item.work() }
        run()
    }

    private struct Delayed: ScheduledWork {
        let cancelled: @Sendable () -> Void

        func cancel() { cancelled() }
    }
}
