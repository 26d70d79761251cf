// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// Runs of the host, and what one that crashed left behind.
struct HostRuns {
    let db: Database
    let lock: DatabaseLock

    /// Whatever is open of a run that does not live was left behind.
    /// - Returns: the sessions that were closed.
    func begin(_ id: String, now: Int64) throws -> CrashedSessions {
        var closed = CrashedSessions()
        for run in try runs("SELECT DISTINCT hostRun FROM session WHERE endedAt IS NULL") where !lock.isAlive(run) {
            try closeAll(of: run, reason: "host_crashed", &closed)
        }
        // Of earlier runs their records tell.
        for run in try runs("SELECT id FROM hostRun") where run != id && !lock.isAlive(run) {
            try db.execute(sql: "DELETE FROM hostRun WHERE id = ?", arguments: [run])
        }
        try db.execute(
            sql: "INSERT INTO hostRun (id, startedAt) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET endedAt = NULL",
            arguments: [id, UTCDay.clamped(now)])
        return closed
    }

    func end(_ id: String, now: Int64) throws {
        var closed = CrashedSessions()
        try closeAll(of: id, reason: "host_shutdown", endedAt: now, &closed)
        try db.execute(
            sql: "UPDATE hostRun SET endedAt = ? WHERE id = ?", arguments: [UTCDay.clamped(now), id])
    }

    private func runs(_ sql: String) throws -> [String] { try String.fetchAll(db, sql: sql) }

    /// Without a better time a session ended with its last turn.
    private func closeAll(
        of run: String, reason: String, endedAt: Int64? = nil, _ closed: inout CrashedSessions
    ) throws {
        let rows = RecordRows(db: db, hostRun: "")
        let reader = RecordReader(db: db, scope: .all)
        while true {
            let open = try Row.fetchAll(
                db,
                sql: """
                    SELECT id, startedAt, (SELECT max(endedAt) FROM turn WHERE session = key) AS lastTurn,
                        (SELECT count(*) FROM turn WHERE session = key) AS turns
                    FROM session WHERE endedAt IS NULL AND hostRun = ? LIMIT 500
                    """, arguments: [run]
            ).map(RowFields.init)
            let before = closed.count
            for session in open {
                guard let id = session.text("id"), let startedAt = session.int("startedAt") else { continue }
                var totals = SessionTotals()
                totals.turns = session.int("turns") ?? 0
                let last = endedAt ?? session.int("lastTurn") ?? startedAt
                let end = SessionEnd(session: id, reason: reason, endedAt: max(startedAt, last), totals: totals)
                guard try rows.close(end) != nil else { continue }
                closed.count += 1
                if closed.records.count < CrashedSessions.most, let record = try reader.record(id) {
                    closed.records.append(record)
                }
            }
            if closed.count == before { return }
        }
    }
}

/// Sessions that a run of the host left open.
package struct CrashedSessions: Sendable {
    static let most = 10_000

    package var count = 0
    /// Their records, at most 10,000 of them.
    package var records: [SessionRecord] = []
}
