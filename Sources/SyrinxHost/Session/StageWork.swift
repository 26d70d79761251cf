// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
internal import DequeModule
internal import Synchronization
internal import SyrinxABI
internal import SyrinxCore

/// A session's blocking tasks and timers.
struct StageWork {
    static let taskLimit = 64
    static let timerLimit = 64

    var waiting: Deque<PluginTask> = []
    var running = false
    var closed = false
    var timers: [UInt64: any ScheduledWork] = [:]
    var nextTimer: UInt64 = 1
}

extension StageSession {
    /// `run`: tasks of one session run one after another on the shared workers.
    func run(_ task: PluginTask) -> syx_status {
        enum Answer { case start, queued, full, closed }
        let answer = work.withLock { work -> Answer in
            guard !work.closed else { return .closed }
            guard work.waiting.count < StageWork.taskLimit else { return .full }
            guard work.running else {
                work.running = true
                return .start
            }
            work.waiting.append(task)
            return .queued
        }
        switch answer {
        case .queued: return syx_status(SYX_OK)
        case .full: return syx_status(SYX_EAGAIN)
        case .closed: return syx_status(SYX_ECLOSED)
        case .start: return start(task) ? syx_status(SYX_OK) : refuse()
        }
    }

    private func refuse() -> syx_status {
        work.withLock { $0.running = false }
        return syx_status(SYX_EAGAIN)
    }

    private func start(_ task: PluginTask) -> Bool {
        provider.environment.runBlocking { [self] in
            let start = syrinx_monotonic_ns()
            task.function(task.argument)
            let duration = syrinx_monotonic_ns() - start
            executor.execute { [self] in finished(task, duration) }
        }
    }

    private func finished(_ task: PluginTask, _ duration: Int64) {
        meters.work.count()
        meters.work.record(duration)
        let next = work.withLock { work -> PluginTask? in
            let next = work.waiting.popFirst()
            if next == nil { work.running = false }
            return next
        }
        let closed = work.withLock(\.closed)
        if let next, !start(next) {
            // The pool is full: this session's queue waits for a moment instead of losing its task.
            _ = executor.schedule(after: .milliseconds(5)) { [self] in retry(next) }
        }
        guard closed else { return _ = send(.taskDone(cookie: task.cookie)) }
        if next == nil { finishClosing() }
    }

    private func retry(_ task: PluginTask) {
        guard !start(task) else { return }
        _ = executor.schedule(after: .milliseconds(5)) { [self] in retry(task) }
    }

    /// `timer`: 0 = refused.
    func startTimer(after delay: Duration, cookie: UInt64) -> UInt64 {
        let id = work.withLock { work -> UInt64 in
            guard !work.closed, work.timers.count < StageWork.timerLimit else { return 0 }
            work.nextTimer += 1
            return work.nextTimer
        }
        guard id != 0 else { return 0 }
        let scheduled = executor.schedule(after: delay) { [self] in
            guard work.withLock({ $0.timers.removeValue(forKey: id) }) != nil else { return }
            send(.timer(cookie: cookie))
        }
        work.withLock { $0.timers[id] = scheduled }
        return id
    }

    func cancelTimer(_ id: UInt64) {
        work.withLock { $0.timers.removeValue(forKey: id) }?.cancel()
    }

    func cancelAllTimers() {
        let timers = work.withLock { work in
            let timers = Array(work.timers.values)
            work.timers.removeAll()
            return timers
        }
        for timer in timers { timer.cancel() }
    }
}
