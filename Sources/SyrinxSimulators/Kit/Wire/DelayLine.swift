// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Does things in order, each when its time has come and never before the one ahead of it: a slow line, not a slow vendor.
final class DelayLine {
    /// More than this is no test any more.
    static let limit = 100_000

    private let loop: any EventLoop
    private let timers: WireTimers
    private var waiting: CircularBuffer<(due: NIODeadline, action: () -> Void)> = []
    private var lastDue: NIODeadline
    private var isArmed = false

    init(_ loop: any EventLoop, _ timers: WireTimers) {
        self.loop = loop
        self.timers = timers
        lastDue = loop.now
    }

    /// False when too much waits already.
    func enqueue(after milliseconds: Int, spacing: Int = 0, _ action: @escaping () -> Void) -> Bool {
        let now = loop.now
        lastDue = max(lastDue + .milliseconds(Int64(spacing)), now + .milliseconds(Int64(milliseconds)))
        if waiting.isEmpty, lastDue <= now {
            action()
            return true
        }
        guard waiting.count < Self.limit else { return false }
        waiting.append((lastDue, action))
        arm()
        return true
    }

    func clear() { waiting.removeAll() }

    private func arm() {
        guard !isArmed, let first = waiting.first else { return }
        isArmed = true
        let delay = first.due - loop.now
        // Rounded up: a millisecond late is fine, too early would be a second timer.
        _ = timers.after(Int((max(0, delay.nanoseconds) + 999_999) / 1_000_000)) { [weak self] in self?.pump() }
    }

    private func pump() {
        isArmed = false
        while let first = waiting.first, first.due <= loop.now {
            waiting.removeFirst()
            first.action()
        }
        arm()
    }
}
