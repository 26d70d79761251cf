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
    /// Nil until the executor has taken the timer.
    var timers: [UInt64: (any ScheduledWork)?] = [:]
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
        case .start:
            if !start(task) { executor.execute { [self] in retryLater(task) } }
            return syx_status(SYX_OK)
        }
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
        if let next, !start(next) { retryLater(next) }
        guard closed else { return _ = send(.taskDone(cookie: task.cookie)) }
        if next == nil { finishClosing() }
    }

    /// The pool is full: this session's queue waits for a moment instead of losing a task.
    private func retryLater(_ task: PluginTask) {
        _ = executor.schedule(after: .milliseconds(5)) { [self] in
            if !start(task) { retryLater(task) }
        }
    }

    /// `timer`: 0 = refused. The plugin's thread and the executor race: an entry says that the timer is wanted.
    func startTimer(after delay: Duration, cookie: UInt64) -> UInt64 {
        let id = work.withLock { work -> UInt64 in
            guard !work.closed, work.timers.count < StageWork.timerLimit else { return 0 }
            work.nextTimer += 1
            work.timers.updateValue(nil, forKey: work.nextTimer)
            return work.nextTimer
        }
        guard id != 0 else { return 0 }
        let scheduled = executor.schedule(after: delay) { [self] in
            guard work.withLock({ $0.timers.removeValue(forKey: id) }) != nil else { return }
            insist { [self] in send(.timer(cookie: cookie)) }
        }
        let isWanted = work.withLock { work in
            guard work.timers[id] != nil else { return false }
            work.timers.updateValue(scheduled, forKey: id)
            return true
        }
        if !isWanted { scheduled.cancel() }
        return id
    }

    func cancelTimer(_ id: UInt64) {
        work.withLock { $0.timers.removeValue(forKey: id) ?? nil }?.cancel()
    }

    func cancelAllTimers() {
        let timers = work.withLock { work in
            defer { work.timers.removeAll() }
            return work.timers.values.compactMap(\.self)
        }
        for timer in timers { timer.cancel() }
    }
}
