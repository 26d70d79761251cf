// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import Synchronization
package import SyrinxCore

extension RecordStore {
    private static let batch = 200
    private static let hour: Int64 = 3_600_000

    /// Removes what has been kept long enough: words, audio and whole records, each by the policy of its session. Freed
    /// bytes are overwritten at once; once a day the database is written anew, as by an erasure. To be called now and
    /// then, about once an hour; works in small steps, between which writes go on.
    ///
    /// A recording that cannot be removed counts in ``Erasure/kept``; it and its record are due again in an hour.
    ///
    /// - Parameter onExpired: told a tenant's events that have waited for an endpoint as long as they may; they are not
    ///   to be sent any more. Comes on the writer's queue.
    /// - Throws: `store.…`. What could not be removed stays due.
    package func purge(
        now: Int64, onExpired: @escaping @Sendable (_ tenant: String, _ events: Set<String>) -> Void = { _, _ in }
    ) async throws(SyrinxError) -> Erasure {
        var erasure = Erasure()
        for step in [Self.purgeTranscripts, Self.purgeRecordings, Self.purgeRecords] {
            var isLast = false
            while !isLast {
                let (done, last) = try await onWriter { store in
                    store.drain()
                    return try step(store, now)
                }
                erasure.add(done)
                isLast = last
            }
        }
        let hasErased = erasure.sessions + erasure.turns > 0
        try await onWriter { store in
            let events = try store.file.pool.write { try OutboxRows(db: $0, hostRun: store.hostRun).purge(now: now) }
            // Before all that may still fail: they are gone, and nobody would hear of it another time.
            for (tenant, ids) in events { onExpired(tenant, ids) }
            let hasRemoved = hasErased || !events.isEmpty
            if hasRemoved { store.scrubbing.withLock { $0.isDue = true } }
            let (isDue, last) = store.scrubbing.withLock { ($0.isDue, $0.last) }
            if isDue, now >= last + UTCDay.milliseconds {
                try store.scrub()
                store.scrubbing.withLock { $0.last = now }
            } else if hasRemoved {
                try store.truncateLog()
            }
        }
        return erasure
    }

    private typealias Step = @Sendable (RecordStore, Int64) throws -> (done: Erasure, isLast: Bool)

    private static let purgeTranscripts: Step = { store, now in
        let rows = try store.due("transcriptUntil", now)
        var done = Erasure()
        done.turns = try store.change(
            rows, ["UPDATE turn SET user = NULL, heard = NULL WHERE session = ?"],
            then: "UPDATE session SET transcriptUntil = NULL, keepsTranscripts = 0 WHERE key = ?")
        return (done, rows.count < batch)
    }

    private static let purgeRecordings: Step = { store, now in
        let rows = try store.due("recordingUntil", now)
        let (gone, done) = try store.removeRecordings(of: rows, "recordingUntil", now)
        _ = try store.change(
            gone, [],
            then: """
                UPDATE session SET recordingUntil = NULL, recordingReason = NULL, recordingDuration = NULL,
                    recordingBytes = NULL WHERE key = ?
                """)
        return (done, rows.count < batch)
    }

    private static let purgeRecords: Step = { store, now in
        let rows = try store.due("recordUntil", now)
        var (gone, done) = try store.removeRecordings(of: rows, "recordUntil", now)
        done.turns = try store.change(
            gone, ["DELETE FROM turn WHERE session = ?"], then: "DELETE FROM session WHERE key = ?")
        done.sessions = gone.count
        return (done, rows.count < batch)
    }

    /// Only of sessions that have ended: an open one is still being written.
    private func due(_ column: String, _ now: Int64) throws -> [RowFields] {
        try file.pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT key, id, tenant, startedAt FROM session WHERE \(column) <= ? AND endedAt IS NOT NULL
                    ORDER BY \(column) LIMIT \(Self.batch)
                    """, arguments: [now]
            ).map(RowFields.init)
        }
    }

    /// - Returns: those whose audio is gone; the others are put off.
    private func removeRecordings(
        of rows: [RowFields], _ column: String, _ now: Int64
    ) throws -> (gone: [RowFields], done: Erasure) {
        var gone: [RowFields] = [], kept: [RowFields] = []
        var done = Erasure()
        for row in rows {
            do {
                if try removeRecording(row) { done.recordings += 1 }
                gone.append(row)
            } catch {
                noted(error)
                kept.append(row)
            }
        }
        done.kept = kept.count
        try putOff(kept, column, to: min(now, .max - Self.hour) + Self.hour)
        return (gone, done)
    }

    private func putOff(_ rows: [RowFields], _ column: String, to later: Int64) throws {
        guard !rows.isEmpty else { return }
        let keys = rows.compactMap { $0.int("key") }
        try file.pool.write { db in
            for key in keys {
                try db.execute(sql: "UPDATE session SET \(column) = ? WHERE key = ?", arguments: [later, key])
            }
        }
    }

    /// Runs statements with the key of each row, in one transaction.
    /// - Returns: how many rows the first ones changed.
    private func change(_ rows: [RowFields], _ statements: [String], then last: String) throws -> Int {
        guard !rows.isEmpty else { return 0 }
        let keys = rows.compactMap { $0.int("key") }
        return try file.pool.write { db in
            var changed = 0
            for key in keys {
                for sql in statements {
                    try db.cachedStatement(sql: sql).execute(arguments: [key])
                    changed += db.changesCount
                }
                try db.cachedStatement(sql: last).execute(arguments: [key])
            }
            return changed
        }
    }
}
