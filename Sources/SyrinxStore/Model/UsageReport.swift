// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What a tenant used in one month. A session counts in the month in which it began, once it has ended.
package struct UsageReport: Sendable, Hashable {
    package var tenant: String
    /// `2026-11`, in UTC.
    package var month: String
    package var sessions: Int64 = 0
    /// Milliseconds of all sessions.
    package var duration: Int64 = 0
    package var totals = SessionTotals()

    package var minutes: Double { Double(duration) / 60_000 }

    package var json: JSONValue {
        var members = totals.json.object ?? [:]
        members["tenant"] = .string(tenant)
        members["month"] = .string(month)
        members["sessions"] = .int(sessions)
        members["minutes"] = .double(minutes)
        return .object(members)
    }
}
