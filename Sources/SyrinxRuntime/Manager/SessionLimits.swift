// SPDX-License-Identifier: Apache-2.0

/// How much this host takes on.
package struct SessionLimits: Sendable, Equatable {
    /// 0 = no limit.
    package var maxSessions: Int
    /// Share of `maxSessions` from which the host calls itself degraded.
    package var degradedAt: Double
    /// By tenant; one that is not here has no limit of its own, and no reserve.
    package var tenants: [String: Tenant]
    /// Sessions at once by provider id.
    package var providers: [String: Int]

    package struct Tenant: Sendable, Equatable {
        /// 0 = no limit.
        package var sessions: Int
        /// Places that are kept for this tenant: others cannot take them.
        package var reserved: Int

        package init(sessions: Int = 0, reserved: Int = 0) {
            self.sessions = sessions
            self.reserved = reserved
        }
    }

    package init(
        maxSessions: Int = 1000, degradedAt: Double = 0.9, tenants: [String: Tenant] = [:],
        providers: [String: Int] = [:]
    ) {
        self.maxSessions = maxSessions
        self.degradedAt = degradedAt
        self.tenants = tenants
        self.providers = providers
    }
}
