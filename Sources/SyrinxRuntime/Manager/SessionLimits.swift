// SPDX-License-Identifier: Apache-2.0

/// How much this host takes on.
package struct SessionLimits: Sendable, Equatable {
    /// 0 = no limit.
    package var maxSessions: Int
    /// Share of `maxSessions` from which the host calls itself degraded.
    package var degradedAt: Double

    package init(maxSessions: Int = 1000, degradedAt: Double = 0.9) {
        self.maxSessions = maxSessions
        self.degradedAt = degradedAt
    }
}
