// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore

/// Token buckets by tenant or by address. Thread-safe.
///
/// Of a bucket only the instant is kept at which it will be full again (the generic cell rate algorithm, ITU-T I.371
/// Annex A): so a limit may change between two uses, and what is forgotten is a full bucket. The table is bounded; the
/// buckets that were used least recently go, and are full when they come again.
package final class RateLimiter<Key: Hashable & Sendable>: Sendable {
    private let fullAt: Mutex<RecentTable<Key, Instant>>

    package init(capacity: Int = 65_536) { fullAt = Mutex(RecentTable(capacity: capacity)) }

    /// Takes one place of a key's bucket.
    /// - Returns: nil when there was one, else after how long there will be: exact, not rounded. Who is refused takes
    ///   nothing.
    package func take(_ key: Key, limit: RateLimit?, now: Instant) -> Duration? {
        guard let limit else { return nil }
        return fullAt.withLock { table in
            let full = max(table.use(key) ?? now, now)
            // All places but one may be missing.
            let missing = full - now
            let allowed = Duration.nanoseconds(limit.interval) * limit.burst - .nanoseconds(limit.interval)
            guard missing <= allowed else { return missing - allowed }
            table.set(key, full + .nanoseconds(limit.interval))
            return nil
        }
    }

    /// The same, as an error for the caller.
    /// - Throws: `request.rate_exceeded`, retryable, with the time to wait.
    package func admit(_ key: Key, limit: RateLimit?, now: Instant) throws(SyrinxError) {
        guard let wait = take(key, limit: limit, now: now) else { return }
        throw SyrinxError(
            "request.rate_exceeded", "too many requests in a short time", fix: "wait as long as `Retry-After` says",
            retryable: true, retryAfter: wait)
    }

    /// How many buckets are remembered.
    package var count: Int { fullAt.withLock(\.count) }
}
