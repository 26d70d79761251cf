// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// Tells the session manager twice a second how busy this process is.
final class LoadWatch: Sendable {
    private static let interval = Duration.milliseconds(500)
    private static let stuckAfter = Duration.seconds(10)

    private let manager: SessionManager
    private let loops: LoopMonitor
    private let before: Mutex<(at: Instant, cpu: Duration)>
    private let task = Mutex<RepeatedTask?>(nil)

    init(manager: SessionManager) {
        let environment = manager.host.environment
        self.manager = manager
        loops = LoopMonitor { environment.now() }
        before = Mutex((environment.now(), ProcessUsage.now().cpu))
    }

    func start(_ group: any EventLoopGroup) {
        loops.start(group)
        let interval = TimeAmount(Self.interval)
        let started = group.next().scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in
            self?.sample()
        }
        task.withLock { $0 = started }
    }

    func stop() {
        loops.stop()
        task.withLock { $0 }?.cancel()
    }

    /// An event loop has been held up for so long that it will hardly come back: the process is better restarted.
    var isStuck: Bool { loops.isStuck(for: Self.stuckAfter) }

    private func sample() {
        let time = manager.host.environment.now()
        let usage = ProcessUsage.now()
        let share = before.withLock { before in
            defer { before = (time, usage.cpu) }
            let wall = (time - before.at).nanoseconds
            guard wall > 0 else { return 0.0 }
            return Double((usage.cpu - before.cpu).nanoseconds) / Double(wall) / Double(ProcessUsage.cores)
        }
        manager.take(LoadGate.Sample(cpu: share, loopLag: loops.takeLag(), memory: usage.memory), at: time)
    }
}
