// SPDX-License-Identifier: Apache-2.0

/// Which sessions try a new generation before all do, and when it has proved itself. A value: no clock, no randomness.
package struct CanaryPlan: Sendable, Equatable {
    /// Tenants whose sessions all take the new generation.
    package var tenants: Set<String>
    /// Share of all other sessions, 0 to 100.
    package var percent: Int
    /// It serves everybody after this time …
    package var promoteAfter: Duration
    /// … and this many sessions that have ended, unless too many of them failed.
    package var promoteSessions: Int

    package init(
        tenants: Set<String> = [], percent: Int = 0, promoteAfter: Duration = .seconds(600), promoteSessions: Int = 10
    ) {
        self.tenants = tenants
        self.percent = max(0, min(percent, 100))
        self.promoteAfter = promoteAfter
        self.promoteSessions = max(0, promoteSessions)
    }

    /// Nobody would try: then there is nothing to wait for.
    package var isEmpty: Bool { tenants.isEmpty && percent == 0 }

    /// Whether a session belongs to those that try `generation`. The same session always gets the same answer, and
    /// another generation draws other sessions.
    package func includes(tenant: String, session: String, generation: Int) -> Bool {
        tenants.contains(tenant) || Self.draw(session, generation) < UInt64(percent)
    }

    /// Whether it may serve everybody.
    package func isProven(for age: Duration, sessions: Int) -> Bool {
        age >= promoteAfter && sessions >= promoteSessions
    }

    /// FNV-1a, 0 to 99. Session ids are random; this only has to spread them.
    private static func draw(_ session: String, _ generation: Int) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(generation)/\(session)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return (hash ^ hash >> 32) % 100
    }
}
