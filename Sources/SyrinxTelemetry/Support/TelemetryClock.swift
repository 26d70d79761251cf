// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// Where the loops of this module have their time from: the machine's, or a test's.
package struct TelemetryClock: Sendable {
    /// Monotonic.
    package var now: @Sendable () -> Instant
    /// Nanoseconds since 1970.
    package var unixNanoseconds: @Sendable () -> Int64
    /// Throws when its task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Instant, unixNanoseconds: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.unixNanoseconds = unixNanoseconds
        self.sleep = sleep
    }

    package static let system = TelemetryClock(
        now: { Instant(nanoseconds: read(CLOCK_MONOTONIC)) }, unixNanoseconds: { read(CLOCK_REALTIME) },
        sleep: { try await Task.sleep(for: $0) })

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
