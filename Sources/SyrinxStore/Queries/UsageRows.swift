// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// Reads booked usage.
struct UsageRows {
    let db: Database

    /// Of one day: whatever a foreign tool has written there, a sum of such numbers does not overflow.
    static let most: Int64 = 1 << 40

    /// Milliseconds by tenant, of the month in which `now` is.
    func durations(monthOf now: Int64) throws -> [String: Int64] {
        let first = Self.firstDay(ofMonth: now)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT tenant, sum(min(max(duration, 0), \(Self.most))) AS duration FROM usage
                WHERE day BETWEEN ? AND ? GROUP BY tenant
                """, arguments: [first, UTCDay.number(of: now)])
        var found: [String: Int64] = [:]
        while let fields = try rows.next().map(RowFields.init) {
            guard let tenant = fields.text("tenant"), let duration = fields.int("duration") else { continue }
            found[tenant] = duration
        }
        return found
    }

    /// By tenant and month, of whole days from that of `from` to the last that begins before `to`.
    func reports(tenant: String?, from: Int64, to: Int64) throws -> [UsageReport] {
        var values: StatementArguments = [UTCDay.number(of: from), UTCDay.number(of: max(0, UTCDay.clamped(to) - 1))]
        if let tenant { values += [tenant] }
        let cursor = try Row.fetchCursor(
            db,
            sql: """
                SELECT * FROM usage WHERE day >= ? AND day <= ? \(tenant == nil ? "" : "AND tenant = ?") ORDER BY tenant, day
                """, arguments: values)
        var reports: [UsageReport] = []
        while let fields = try cursor.next().map(RowFields.init) {
            let tenant = fields.text("tenant") ?? ""
            let month = UTCDay.month(of: min(max(0, fields.int("day") ?? 0), 4_000_000) * UTCDay.milliseconds)
            var report =
                reports.last.flatMap { $0.tenant == tenant && $0.month == month ? $0 : nil }
                ?? UsageReport(tenant: tenant, month: month)
            if report.sessions > 0 { reports.removeLast() }
            report.sessions += min(max(0, fields.int("sessions") ?? 0), Self.most)
            report.duration += min(max(0, fields.int("duration") ?? 0), Self.most)
            report.totals = SessionTotals(values: zip(report.totals.values, fields.totals.values).map { $0 + $1 })
            reports.append(report)
        }
        return reports
    }

    private static func firstDay(ofMonth now: Int64) -> Int64 {
        let day = UTCDay.number(of: now)
        let ofMonth = Int64(UTCDay.text(of: now).suffix(2)) ?? 1
        return day - ofMonth + 1
    }
}
