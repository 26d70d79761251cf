// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import SyrinxCore
package import SyrinxHost

/// A session's executor: the event loop of its connection.
package final class LoopExecutor: SessionExecutor {
    package let loop: any EventLoop

    package init(_ loop: any EventLoop) { self.loop = loop }

    package var isCurrent: Bool { loop.inEventLoop }

    package func execute(_ work: @escaping @Sendable () -> Void) { loop.execute(work) }

    package func schedule(after delay: Duration, _ work: @escaping @Sendable () -> Void) -> any ScheduledWork {
        LoopTimer(loop.scheduleTask(in: .nanoseconds(delay.nanoseconds), work))
    }
}

private struct LoopTimer: ScheduledWork {
    private let scheduled: Scheduled<Void>

    init(_ scheduled: Scheduled<Void>) { self.scheduled = scheduled }

    func cancel() { scheduled.cancel() }
}
