// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// So many minutes of sessions in each calendar month, UTC. What counts is time, not started minutes.
package struct MonthlyQuota: Hashable, Sendable {
    package let minutes: Int

    /// Nil, which is no limit, for zero and less.
    package init?(minutes: Int) {
        guard minutes > 0 else { return nil }
        self.minutes = min(minutes, 1_000_000_000)
    }

    package var duration: Duration { .seconds(minutes * 60) }

    /// Never negative.
    package func remaining(used: Duration) -> Duration { max(.zero, duration - used) }

    /// Whether another session may begin. Sessions that live count with what they have lasted so far: those that began
    /// in time are not cut, so a month may end above its quota by what they last.
    /// - Throws: `tenant.quota_exceeded`, retryable when the next month begins.
    package func check(used: Duration, now: UnixTime) throws(SyrinxError) {
        guard used >= duration else { return }
        throw SyrinxError(
            "tenant.quota_exceeded", "the \(minutes) minutes of this month are used up",
            fix: "wait for the next month (UTC), or raise `limits.minutes` of the tenant", retryable: true,
            retryAfter: CalendarMonth(containing: now).end - now)
    }
}
