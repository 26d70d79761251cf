// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore

/// How long the sessions of each tenant have lasted in this month. Thread-safe.
///
/// It holds what was counted since the process began: put in at start what the records know of the time before.
package final class MonthlyUsage: Sendable {
    /// This one and its neighbours: a clock that is set wrong for a moment must not wipe what was counted.
    private static let maximumMonths = 3

    private let used = Mutex<[CalendarMonth: [String: Duration]]>([:])

    package init() {}

    /// A stretch of a session. What lies on both sides of midnight counts in both months.
    /// - Parameter tenant: a configured one, so that the table stays small.
    package func add(_ tenant: String, from start: UnixTime, to end: UnixTime) {
        let shares = CalendarMonth.shares(from: start, to: end).suffix(Self.maximumMonths)
        used.withLock { used in
            for share in shares {
                used[share.month, default: [:]][tenant, default: .zero] += share.duration
            }
            while used.count > Self.maximumMonths, let oldest = used.keys.min() { used[oldest] = nil }
        }
    }

    /// What sessions have lasted in a month together; in parallel they may have lasted longer than the month.
    package func add(_ tenant: String, _ duration: Duration, inMonthOf time: UnixTime) {
        let month = CalendarMonth(containing: time)
        used.withLock { $0[month, default: [:]][tenant, default: .zero] += duration }
    }

    /// - Returns: what was counted in the month of `now`.
    package func used(_ tenant: String, now: UnixTime) -> Duration {
        let month = CalendarMonth(containing: now)
        return used.withLock { $0[month]?[tenant] ?? .zero }
    }

    /// Whether another session of a tenant may begin.
    /// - Throws: `tenant.quota_exceeded`.
    package func admit(_ tenant: String, quota: MonthlyQuota?, now: UnixTime) throws(SyrinxError) {
        try quota?.check(used: used(tenant, now: now), now: now)
    }
}
