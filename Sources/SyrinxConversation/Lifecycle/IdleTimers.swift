// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Away and idle: both count from the moment at which neither party is active.
package struct IdleTimers: Sendable, Equatable {
    private let timeouts: Timeouts
    private var quietSince: Instant?
    private var idleSince: Instant?

    package init(timeouts: Timeouts) { self.timeouts = timeouts }

    /// A line said to a caller who is away (a re-prompt) does not keep the session alive.
    package mutating func update(isQuiet: Bool, isAway: Bool, at now: Instant) {
        guard isQuiet else {
            quietSince = nil
            if !isAway { idleSince = nil }
            return
        }
        quietSince = quietSince ?? now
        idleSince = idleSince ?? now
    }

    /// The caller did something.
    package mutating func touch(at now: Instant) {
        if quietSince != nil { quietSince = now }
        idleSince = quietSince
    }

    package var awayDeadline: Instant { quietSince.map { $0 + timeouts.away } ?? .distantFuture }

    package var idleDeadline: Instant {
        guard quietSince != nil, let idleSince else { return .distantFuture }
        return idleSince + timeouts.idle
    }
}
