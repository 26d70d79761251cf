// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Time as the caller's audio tells it: samples received, so that network jitter moves no turn decision.
/// When no audio comes for `idle`, the clock goes on with wall time from then: a muted or text-only client still gets
/// its answers.
package struct AudioClock: Sendable, Equatable {
    private let rate: Int64
    private let idle: Duration
    private var heard = Duration.zero
    /// The clock stands still until here, then runs with wall time.
    private var runsFrom = Instant.zero

    package init(rate: Int, idle: Duration) {
        self.rate = Int64(max(rate, 1))
        self.idle = idle
    }

    package mutating func advance(samples: Int, at now: Instant) {
        heard = position(at: now) + duration(of: samples)
        runsFrom = now + idle
    }

    package func position(at now: Instant) -> Duration {
        now > runsFrom ? heard + (now - runsFrom) : heard
    }

    /// When the clock will show `position` at the latest, if no more audio comes.
    package func latest(of position: Duration) -> Instant {
        runsFrom + (position - heard)
    }

    /// Audio has stopped coming.
    package func isIdle(at now: Instant) -> Bool { now > runsFrom }

    package var idleFrom: Instant { runsFrom + .nanoseconds(1) }

    package func duration(of samples: Int) -> Duration {
        let bounded = Int64(min(max(samples, 0), 1 << 30))
        return .nanoseconds(bounded * 1_000_000_000 / rate)
    }

    package func samples(in duration: Duration) -> Int {
        let microseconds = min(max(duration.nanoseconds / 1000, 0), 1 << 42)
        return Int(microseconds * min(rate, 1 << 20) / 1_000_000)
    }
}
