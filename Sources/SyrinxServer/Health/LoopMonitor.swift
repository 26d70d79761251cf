// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization
internal import SyrinxCore

/// How late the event loops are: a task on each is due every 100 ms, and tells when it really ran. Thread-safe.
///
/// A loop that is held up by one session holds up all sessions on it; that is what admission and `/livez` must know.
final class LoopMonitor: Sendable {
    private static let interval = Duration.milliseconds(100)

    private struct Beat {
        var due: Instant
        /// The latest since it was taken.
        var worst = Duration.zero
    }

    private let now: @Sendable () -> Instant
    private let beats: Mutex<[Beat]>
    private let tasks = Mutex<[RepeatedTask]>([])

    init(now: @escaping @Sendable () -> Instant) {
        self.now = now
        beats = Mutex([])
    }

    func start(_ group: any EventLoopGroup) {
        let loops = Array(group.makeIterator())
        let first = now() + Self.interval
        beats.withLock { $0 = loops.map { _ in Beat(due: first) } }
        let interval = TimeAmount(Self.interval)
        let started = loops.enumerated().map { index, loop in
            loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in self?.beat(index) }
        }
        tasks.withLock { $0 = started }
    }

    func stop() {
        let running = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in running { task.cancel() }
    }

    private func beat(_ index: Int) {
        let time = now()
        beats.withLock { beats in
            guard beats.indices.contains(index) else { return }
            beats[index].worst = max(beats[index].worst, time - beats[index].due)
            beats[index].due = time + Self.interval
        }
    }

    /// The latest beat of any loop since it was last taken; one that has not come yet counts so far.
    func takeLag() -> Duration {
        let time = now()
        return beats.withLock { beats in
            var lag = Duration.zero
            for index in beats.indices {
                lag = max(lag, beats[index].worst, time - beats[index].due)
                beats[index].worst = .zero
            }
            return lag
        }
    }

    /// A loop has not come round for so long.
    func isStuck(for limit: Duration) -> Bool {
        let time = now()
        return beats.withLock { beats in beats.contains { time - $0.due > limit } }
    }
}
