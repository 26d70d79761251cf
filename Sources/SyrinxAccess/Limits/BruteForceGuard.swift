// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore

/// Answers 429 for a while to an address from which too many bad credentials came. Thread-safe.
///
/// Nobody guesses 256 random bits; what is limited is the noise, and the work of checking signatures. So that it cannot
/// be turned against the honest, it counts by address and never by tenant, and it blocks only addresses from which
/// nothing good came of late: behind a proxy or an office's router the honest stay served, and only what fails is told
/// to wait. Loopback, where proxies live, is never blocked either.
package final class BruteForceGuard: Sendable {
    package struct Limits: Sendable, Hashable {
        /// So many failures within the window are borne.
        package var failures: Int
        package var window: Duration
        /// How long an address waits then.
        package var blockedFor: Duration
        /// How long a good credential speaks for its address.
        package var trustedFor: Duration

        package init(
            failures: Int = 20, window: Duration = .seconds(60), blockedFor: Duration = .seconds(60),
            trustedFor: Duration = .seconds(3600)
        ) {
            self.failures = failures
            self.window = window
            self.blockedFor = blockedFor
            self.trustedFor = trustedFor
        }
    }

    private struct Record {
        var failures = 0
        var windowEnds: Instant
        var blockedUntil = Instant(nanoseconds: .min)
        var trustedUntil = Instant(nanoseconds: .min)
    }

    private let limits: Limits
    private let records: Mutex<RecentTable<PeerAddress, Record>>

    /// - Parameter capacity: of addresses; those heard of least recently are forgotten.
    package init(_ limits: Limits = Limits(), capacity: Int = 65_536) {
        self.limits = limits
        records = Mutex(RecentTable(capacity: capacity))
    }

    /// Before a credential is looked at.
    /// - Parameter address: nil for a Unix socket, which is never blocked.
    /// - Throws: `auth.too_many_failures`, retryable, with the time to wait.
    package func check(_ address: PeerAddress?, now: Instant) throws(SyrinxError) {
        guard let address, !address.isLoopback, let record = records.withLock({ $0.use(address) }),
            now < record.blockedUntil, now >= record.trustedUntil
        else { return }
        throw Self.refusal(record.blockedUntil - now)
    }

    /// A credential was bad: not one that is missing, forbidden or expired.
    /// - Returns: what to answer in place of the refusal; nil = the refusal.
    package func failed(_ address: PeerAddress?, now: Instant) -> SyrinxError? {
        guard let address, !address.isLoopback else { return nil }
        return records.withLock { table in
            var record = table.use(address) ?? Record(windowEnds: now + limits.window)
            defer { table.set(address, record) }
            if now < record.blockedUntil { return Self.refusal(record.blockedUntil - now) }
            if now >= record.windowEnds {
                record.failures = 0
                record.windowEnds = now + limits.window
            }
            record.failures += 1
            guard record.failures > limits.failures else { return nil }
            record.blockedUntil = now + limits.blockedFor
            record.failures = 0
            record.windowEnds = record.blockedUntil + limits.window
            return Self.refusal(limits.blockedFor)
        }
    }

    /// A credential was good. It does not wash off failures: who has a key may not try others for it.
    package func succeeded(_ address: PeerAddress?, now: Instant) {
        guard let address, !address.isLoopback else { return }
        records.withLock { table in
            var record = table.use(address) ?? Record(windowEnds: now + limits.window)
            record.trustedUntil = now + limits.trustedFor
            table.set(address, record)
        }
    }

    /// How many addresses are remembered.
    package var count: Int { records.withLock(\.count) }

    private static func refusal(_ wait: Duration) -> SyrinxError {
        SyrinxError(
            "auth.too_many_failures", "too many bad credentials came from this address",
            fix: "wait as long as `Retry-After` says, then send a good one", retryable: true, retryAfter: wait)
    }
}
