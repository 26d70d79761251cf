// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import SyrinxCore
internal import SyrinxHost

/// A plugin session's executor for a command: one serial queue.
final class QueueExecutor: SessionExecutor {
    private static let key = DispatchSpecificKey<ObjectIdentifier>()

    private let queue = DispatchQueue(label: "syrinx.command")

    init() { queue.setSpecific(key: Self.key, value: ObjectIdentifier(self)) }

    var isCurrent: Bool { DispatchQueue.getSpecific(key: Self.key) == ObjectIdentifier(self) }

    func execute(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

    func schedule(after delay: Duration, _ work: @escaping @Sendable () -> Void) -> any ScheduledWork {
        let timer = QueueTimer(work)
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(delay.nanoseconds)), execute: timer.item)
        return timer
    }
}

/// Dispatch's work items may be cancelled from any thread.
private struct QueueTimer: ScheduledWork, @unchecked Sendable {
    let item: DispatchWorkItem

    init(_ work: @escaping @Sendable () -> Void) { item = DispatchWorkItem(block: work) }

    func cancel() { item.cancel() }
}
