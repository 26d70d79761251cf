// SPDX-License-Identifier: Apache-2.0

/// So many in a second on average, and so many at once.
package struct RateLimit: Hashable, Sendable {
    /// A place comes back every so many nanoseconds.
    let interval: Int64
    let burst: Int

    /// Nil, which is no limit, for a rate of zero or less, and for what is no number. A rate is taken from one in a
    /// day to a million in a second, a burst from 1 to a million.
    package init?(perSecond: Double, burst: Int) {
        guard perSecond.isFinite, perSecond > 0 else { return nil }
        interval = Int64(1_000_000_000 / min(max(perSecond, 1.0 / 86_400), 1_000_000))
        self.burst = min(max(burst, 1), 1_000_000)
    }
}
