// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A token bucket for each key: `burst` permits at once, then `permits` every `per`. Thread-safe.
///
/// Memory is bounded: a bucket that is full again is as good as none and is forgotten; beyond `maxKeys` half-empty ones
/// new keys are refused.
public final class KeyedRateLimiter: RateLimiter {
    private struct Bucket {
        var permits: Double
        var filledAt: ContinuousClock.Instant
    }

    private let buckets = Mutex<[String: Bucket]>([:])
    private let perSecond: Double
    private let burst: Double
    private let maxKeys: Int
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Makes a limiter.
    /// - Parameters:
    ///   - permits: how many come back in each `per`.
    ///   - per: the time in which they come back.
    ///   - burst: how many there are at once at most; nil = `permits`.
    ///   - maxKeys: how many keys are told apart at most.
    public convenience init(permits: Int, per: Duration, burst: Int? = nil, maxKeys: Int = 10_000) {
        self.init(permits: permits, per: per, burst: burst, maxKeys: maxKeys) { ContinuousClock.now }
    }

    init(
        permits: Int, per: Duration, burst: Int? = nil, maxKeys: Int = 10_000,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        perSecond = Double(max(0, permits)) / max(1e-9, per / .seconds(1))
        self.burst = Double(max(1, burst ?? permits))
        self.maxKeys = max(1, maxKeys)
        self.now = now
    }

    /// Takes one permit of a key, if there is one.
    public func allow(key: String) -> Bool {
        let time = now()
        return buckets.withLock { buckets in
            var bucket = filled(buckets[key], at: time)
            guard bucket.permits >= 1, buckets[key] != nil || makeRoom(&buckets, at: time) else { return false }
            bucket.permits -= 1
            buckets[key] = bucket
            return true
        }
    }

    private func filled(_ bucket: Bucket?, at time: ContinuousClock.Instant) -> Bucket {
        guard let bucket else { return Bucket(permits: burst, filledAt: time) }
        let gained = max(0, (time - bucket.filledAt) / .seconds(1)) * perSecond
        return Bucket(permits: min(burst, bucket.permits + gained), filledAt: time)
    }

    private func makeRoom(_ buckets: inout [String: Bucket], at time: ContinuousClock.Instant) -> Bool {
        guard buckets.count >= maxKeys else { return true }
        buckets = buckets.filter { filled($0.value, at: time).permits < burst }
        return buckets.count < maxKeys
    }
}
