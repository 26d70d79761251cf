// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import SyrinxCore

/// Something that wants to be called when its deadline has come.
package protocol Ticking: AnyObject {
    func tick(at now: Instant)
}

/// One timer for all sessions of an event loop. A scan over plain numbers at each firing is cheaper than a timer a
/// session, and firings are at least a millisecond apart, so that frames of many sessions leave in batches.
///
/// Threads: on its event loop only.
package final class LoopTicker {
    private static let spacing = Duration.milliseconds(1)

    private let loop: any EventLoop
    private let now: () -> Instant
    private var members: [any Ticking] = []
    private var deadlines: [Int64] = []
    private var slots: [ObjectIdentifier: Int] = [:]
    private var scheduled: Scheduled<Void>?
    private var scheduledFor = Int64.max

    package init(loop: any EventLoop, now: @escaping () -> Instant) {
        self.loop = loop
        self.now = now
    }

    package func add(_ member: any Ticking) {
        slots[ObjectIdentifier(member)] = members.count
        members.append(member)
        deadlines.append(.max)
    }

    package func remove(_ member: any Ticking) {
        guard let slot = slots.removeValue(forKey: ObjectIdentifier(member)) else { return }
        let last = members.count - 1
        if slot != last {
            members[slot] = members[last]
            deadlines[slot] = deadlines[last]
            slots[ObjectIdentifier(members[slot])] = slot
        }
        members.removeLast()
        deadlines.removeLast()
    }

    /// The member's next deadline.
    package func update(_ member: any Ticking, deadline: Instant) {
        guard let slot = slots[ObjectIdentifier(member)] else { return }
        deadlines[slot] = deadline.nanoseconds
        if deadline.nanoseconds < scheduledFor { schedule(deadline.nanoseconds) }
    }

    private func schedule(_ deadline: Int64) {
        scheduled?.cancel()
        scheduledFor = deadline
        let delay = max(0, deadline &- now().nanoseconds)
        // Bounded, so that "never" does not overflow the loop's clock.
        let bounded = Int64(min(delay, 3_600_000_000_000))
        scheduled = loop.assumeIsolated().scheduleTask(in: .nanoseconds(bounded)) { [weak self] in self?.fire() }
    }

    private func fire() {
        scheduled = nil
        scheduledFor = .max
        let time = now()
        var index = 0
        // Members may leave or join while they are called; an index survives both.
        while index < members.count {
            if deadlines[index] <= time.nanoseconds {
                deadlines[index] = .max
                members[index].tick(at: time)
            }
            index += 1
        }
        guard let next = deadlines.min(), next < .max else { return }
        schedule(max(next, (time + Self.spacing).nanoseconds))
    }
}
