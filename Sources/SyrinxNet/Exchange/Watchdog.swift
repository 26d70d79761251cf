// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Notices when no byte has come for so long. On its loop.
final class Watchdog {
    private let loop: any EventLoop
    private let limit: TimeAmount
    private let onSilence: () -> Void
    private var lastHeard = NIODeadline.now()
    private var timer: Scheduled<Void>?
    /// The silence is of our own making: nothing is read.
    private var isPaused = false

    init(_ loop: any EventLoop, limit: Duration, onSilence: @escaping () -> Void) {
        self.loop = loop
        self.limit = TimeAmount(limit)
        self.onSilence = onSilence
        wait(until: lastHeard + self.limit)
    }

    func heard() { lastHeard = .now() }

    func setPaused(_ paused: Bool) {
        if isPaused, !paused { lastHeard = .now() }
        isPaused = paused
    }

    func stop() { timer?.cancel() }

    /// One timer for many bytes: it looks what has come meanwhile.
    private func wait(until deadline: NIODeadline) {
        timer = loop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in self?.check() }
    }

    private func check() {
        let deadline = lastHeard + limit
        if isPaused { return wait(until: .now() + limit) }
        if deadline > .now() { return wait(until: deadline) }
        lastHeard = .now()
        wait(until: lastHeard + limit)
        onSilence()
    }
}
