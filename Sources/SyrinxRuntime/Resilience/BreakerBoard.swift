// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore
internal import SyrinxHost

/// The breakers of all providers, by tenant: one tenant's bad key is not another's trouble. Thread-safe; looked at when a
/// stage is opened, and when a request of it has ended.
package final class BreakerBoard: Sendable {
    package struct Key: Hashable, Sendable, Comparable {
        package var tenant: String
        package var kind: String
        /// `id@version`.
        package var provider: String

        package init(tenant: String, kind: String, provider: String) {
            self.tenant = tenant
            self.kind = kind
            self.provider = provider
        }

        package static func < (left: Key, right: Key) -> Bool {
            (left.tenant, left.kind, left.provider) < (right.tenant, right.kind, right.provider)
        }
    }

    private let rules: BreakerRules
    /// Only of providers that failed lately.
    private let breakers = Mutex<[Key: CircuitBreaker]>([:])
    private static let limit = 10_000

    package init(rules: BreakerRules = BreakerRules()) { self.rules = rules }

    package func admits(_ key: Key, at now: Instant) -> Bool {
        breakers.withLock { $0[key]?.admits(at: now) ?? true }
    }

    package func succeeded(_ key: Key) {
        breakers.withLock { breakers in
            if breakers[key] != nil { breakers[key] = nil }
        }
    }

    /// - Returns: true when this opened the provider's breaker.
    package func failed(_ key: Key, at now: Instant, retryAfter: Duration? = nil) -> Bool {
        breakers.withLock { breakers in
            if breakers.count >= Self.limit, breakers[key] == nil { return false }
            return breakers[key, default: CircuitBreaker(rules)].failed(at: now, retryAfter: retryAfter)
        }
    }

    /// Those that are not closed, in order: what health and listings show.
    package func notClosed(at now: Instant) -> [(key: Key, state: CircuitBreaker.State)] {
        breakers.withLock { breakers in
            breakers.compactMap { key, breaker in
                let state = breaker.state(at: now)
                return state == .closed ? nil : (key, state)
            }
        }.sorted { $0.key < $1.key }
    }
}
