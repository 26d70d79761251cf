// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// Runs of the host, and what one that crashed left behind.
struct HostRuns {
    let db: Database

    /// The file is ours alone by now: whatever is open was left behind.
    /// - Returns: how many sessions were closed.
    func begin(_ id: String, now: Int64) throws -> Int {
        let closed = try closeAll(reason: "host_crashed")
        // Of earlier runs their records tell.
        try db.execute(sql: "DELETE FROM hostRun WHERE id <> ?", arguments: [id])
        try db.execute(
            sql: "INSERT INTO hostRun (id, startedAt) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET endedAt = NULL",
            arguments: [id, UTCDay.clamped(now)])
        return closed
    }

    func end(_ id: String, now: Int64) throws {
        _ = try closeAll(reason: "host_shutdown", endedAt: now)
        try db.execute(
            sql: "UPDATE hostRun SET endedAt = ? WHERE id = ?", arguments: [UTCDay.clamped(now), id])
    }

    /// Without a better time a session ended with its last turn.
    private func closeAll(reason: String, endedAt: Int64? = nil) throws -> Int {
        let rows = RecordRows(db: db, hostRun: "")
        var closed = 0
        while true {
            let open = try Row.fetchAll(
                db,
                sql: """
                    SELECT id, startedAt, (SELECT max(endedAt) FROM turn WHERE session = key) AS lastTurn,
                        (SELECT count(*) FROM turn WHERE session = key) AS turns
                    FROM session WHERE endedAt IS NULL LIMIT 500
                    """
            ).map(RowFields.init)
            let before = closed
            for session in open {
                guard let id = session.text("id"), let startedAt = session.int("startedAt") else { continue }
                var totals = SessionTotals()
                totals.turns = session.int("turns") ?? 0
                let last = endedAt ?? session.int("lastTurn") ?? startedAt
                let end = SessionEnd(session: id, reason: reason, endedAt: max(startedAt, last), totals: totals)
                if try rows.close(end) != nil { closed += 1 }
            }
            if closed == before { return closed }
        }
    }
}
