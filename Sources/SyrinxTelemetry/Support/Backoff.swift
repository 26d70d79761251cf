// SPDX-License-Identifier: Apache-2.0

/// How long to wait before the next try: twice as long each time, within bounds, and spread, so that those who failed
/// together do not come back together.
package struct Backoff: Sendable, Equatable {
    package var first: Duration
    package var longest: Duration
    /// Tries in all.
    package var tries: Int

    package init(first: Duration, longest: Duration, tries: Int) {
        self.first = first
        self.longest = longest
        self.tries = tries
    }

    /// What one may ask of us with `Retry-After`.
    static let longestRetryAfter = Duration.seconds(3600)

    /// - Parameter failures: tries that have failed, from 1.
    /// - Returns: from half the time to all of it; more where the answer asked for more.
    func delay(
        after failures: Int, asked: Duration? = nil, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let doublings = min(max(0, failures - 1), 30)
        let whole = min(longest, first * (1 << doublings))
        let spread = whole * Double.random(in: 0.5...1, using: &generator)
        guard let asked, asked > .zero else { return spread }
        return max(spread, min(asked, Self.longestRetryAfter))
    }
}
