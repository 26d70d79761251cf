// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// The executor of a self-test's session: its work waits until the test's own thread runs it.
final class SelfTestExecutor: SessionExecutor, @unchecked Sendable {
    private let condition = NSCondition()
    private var ready: [@Sendable () -> Void] = []

    var isCurrent: Bool { true }

    func execute(_ work: @escaping @Sendable () -> Void) {
        condition.lock()
        ready.append(work)
        condition.signal()
        condition.unlock()
    }

    /// A plugin's timers have no part in a test of a second.
    func schedule(after delay: Duration, _ work: @escaping @Sendable () -> Void) -> any ScheduledWork { Unscheduled() }

    /// Runs what comes until `isDone`, or until the time is over.
    /// - Returns: whether it was done.
    func run(within limit: TimeInterval, until isDone: () -> Bool) -> Bool {
        let end = Date(timeIntervalSinceNow: limit)
        while !isDone() {
            guard let work = next(before: end) else { return isDone() }
            work()
        }
        return true
    }

    private func next(before end: Date) -> (@Sendable () -> Void)? {
        condition.lock()
        defer { condition.unlock() }
        while ready.isEmpty {
            guard condition.wait(until: end) else { return nil }
        }
        return ready.removeFirst()
    }

    private struct Unscheduled: ScheduledWork {
        func cancel() {}
    }
}
