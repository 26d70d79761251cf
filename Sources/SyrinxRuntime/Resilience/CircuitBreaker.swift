// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// When a provider is not asked at all.
package struct BreakerRules: Sendable, Equatable {
    /// So many failures within `window` open the breaker.
    package var failures = 5
    package var window = Duration.seconds(30)
    /// How long it stays open before one request tries again.
    package var pause = Duration.seconds(30)
    /// An attempt whose outcome nobody learnt is forgotten after this.
    package var probeLimit = Duration.seconds(60)

    package init() {}
}

/// The circuit breaker of one provider: closed while it works; open after several failures; half open for one probe at
/// a time once its pause is over. A value in virtual time.
package struct CircuitBreaker: Sendable {
    package enum State: String, Sendable {
        case closed, open
        case halfOpen = "half_open"
    }

    private let rules: BreakerRules
    private var failures: [Instant] = []
    private var openUntil: Instant?
    private var probedAt: Instant?

    package init(_ rules: BreakerRules = BreakerRules()) { self.rules = rules }

    package func state(at now: Instant) -> State {
        guard let openUntil else { return .closed }
        return now < openUntil ? .open : .halfOpen
    }

    /// Whether the provider may be asked now. Half open, the first one who asks is the probe.
    package mutating func admits(at now: Instant) -> Bool {
        switch state(at: now) {
        case .closed: return true
        case .open: return false
        case .halfOpen:
            if let probedAt, now - probedAt < rules.probeLimit { return false }
            probedAt = now
            return true
        }
    }

    /// It did what it was asked.
    package mutating func succeeded() {
        failures = []
        openUntil = nil
        probedAt = nil
    }

    /// It failed in a way that counts.
    /// - Parameter retryAfter: what it asked for itself; it is not asked before.
    /// - Returns: true when this opened the breaker.
    package mutating func failed(at now: Instant, retryAfter: Duration? = nil) -> Bool {
        let was = state(at: now)
        failures.removeAll { now - $0 > rules.window }
        failures.append(now)
        if let retryAfter, retryAfter >= .seconds(1) {
            openUntil = max(openUntil ?? now, now + min(retryAfter, .seconds(300)))
        } else if was == .halfOpen || failures.count >= rules.failures {
            openUntil = now + rules.pause
        }
        probedAt = nil
        return was == .closed && openUntil != nil
    }
}
