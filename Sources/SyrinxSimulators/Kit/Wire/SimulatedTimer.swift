// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// A timer of a connection; ends with it.
package final class SimulatedTimer {
    private var scheduled: Scheduled<Void>?
    fileprivate(set) var isCancelled = false

    package init() {}

    package func cancel() {
        isCancelled = true
        scheduled?.cancel()
        scheduled = nil
    }

    /// On the loop only.
    fileprivate func schedule(on loop: any EventLoop, in delay: TimeAmount, _ body: @escaping () -> Void) {
        guard !isCancelled else { return }
        scheduled = loop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            if self?.isCancelled == false { body() }
        }
    }
}

/// The timers of one connection, all cancelled at its end.
final class WireTimers {
    private let loop: any EventLoop
    private var live: [ObjectIdentifier: SimulatedTimer] = [:]
    private var isEnded = false

    init(_ loop: any EventLoop) { self.loop = loop }

    func after(_ milliseconds: Int, _ body: @escaping () -> Void) -> SimulatedTimer {
        let timer = SimulatedTimer()
        guard !isEnded else { return timer }
        live[ObjectIdentifier(timer)] = timer
        timer.schedule(on: loop, in: .milliseconds(Int64(max(0, milliseconds)))) { [weak self] in
            self?.live[ObjectIdentifier(timer)] = nil
            body()
        }
        return timer
    }

    func every(_ milliseconds: Int, _ body: @escaping () -> Void) -> SimulatedTimer {
        let timer = SimulatedTimer()
        guard !isEnded else { return timer }
        live[ObjectIdentifier(timer)] = timer
        again(timer, .milliseconds(Int64(max(1, milliseconds))), body)
        return timer
    }

    private func again(_ timer: SimulatedTimer, _ delay: TimeAmount, _ body: @escaping () -> Void) {
        timer.schedule(on: loop, in: delay) { [weak self] in
            body()
            self?.again(timer, delay, body)
        }
    }

    func end() {
        isEnded = true
        for timer in live.values { timer.cancel() }
        live = [:]
    }
}
