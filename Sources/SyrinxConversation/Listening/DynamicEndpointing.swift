// SPDX-License-Identifier: Apache-2.0

/// Learns how long this caller pauses inside a turn, and waits a little longer than that. Opt-in.
package struct DynamicEndpointing: Sendable, Equatable {
    private let alpha: Double
    private var average: Double?

    package init(alpha: Double) {
        self.alpha = min(max(alpha, 0), 1)
    }

    /// The caller went on after `pause`: in the same turn, or by interrupting an answer given too early.
    package mutating func observe(pause: Duration) {
        let seconds = min(max(pause / .seconds(1), 0), 60)
        average = average.map { alpha * $0 + (1 - alpha) * seconds } ?? seconds
    }

    /// A quarter on top of the average, since half of the pauses are longer than it.
    package func delay(min lower: Duration, max upper: Duration) -> Duration {
        guard let average else { return lower }
        return Swift.min(Swift.max(.seconds(average * 1.25), lower), Swift.max(lower, upper))
    }
}
