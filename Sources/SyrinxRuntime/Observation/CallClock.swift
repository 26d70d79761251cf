// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// A session's instants on the wall clock, as it stood when the session began: a clock that is set meanwhile makes no
/// turn end before it started.
package struct CallClock: Sendable {
    package let begunAt: Instant
    /// Nanoseconds since 1970.
    package let wallAtBegin: Int64

    package init(begunAt: Instant) {
        self.begunAt = begunAt
        wallAtBegin = Self.wall()
    }

    package func nanoseconds(_ instant: Instant) -> Int64 {
        let (sum, overflow) = wallAtBegin.addingReportingOverflow((instant - begunAt).nanoseconds)
        return overflow ? wallAtBegin : sum
    }

    package func milliseconds(_ instant: Instant) -> Int64 { nanoseconds(instant) / 1_000_000 }

    /// Nanoseconds since 1970, to the microsecond.
    package static func wall() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000_000) * 1000
    }
}
