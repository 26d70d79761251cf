// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import GRDB
internal import Synchronization
package import SyrinxCore

extension RecordStore {
    /// Removes all that is kept of a user, down to the bytes of the files: freed pages are overwritten, the database is
    /// written anew, its log is emptied, recordings are deleted. This takes as long as copying the database.
    ///
    /// Usage stays: it names no one. An open session is emptied and kept from being written any further; its record goes
    /// when it ends. A damaged database that was set aside is not touched.
    ///
    /// - Throws: `store.…`. A retryable one may have removed a part; asking again goes on.
    package func erase(user: String, tenant: String) async throws(SyrinxError) -> Erasure {
        try await erase("tenant = ? AND user = ?", outbox: "tenant = ? AND user = ?", [tenant, user])
    }

    /// The same for one session.
    /// - Returns: nil when there is none, or when it is another tenant's.
    package func erase(session: String, tenant: String) async throws(SyrinxError) -> Erasure? {
        let erasure = try await erase(
            "tenant = ? AND id = ?", outbox: "tenant = ? AND session = ?", [tenant, session])
        return erasure.sessions == 0 ? nil : erasure
    }

    private func erase(
        _ condition: String, outbox: String, _ values: [String]
    ) async throws(SyrinxError) -> Erasure {
        let erasure = try await onWriter { store in
            // Writes of before are to be found, too.
            let settled = store.drain()
            var erasure = Erasure()
            while try store.eraseSome(condition, values, &erasure) {}
            try store.eraseOutbox(outbox, values)
            guard settled || store.drain() else {
                throw StoreFault.unavailable(store.options.database, "writes of before the erasure still wait")
            }
            return erasure
        }
        // In a step of its own: erasures that come together share the one writing anew.
        try await onWriter { store in
            if store.scrubbing.withLock({ $0.isDue }) { try store.scrub() }
        }
        return erasure
    }

    private func eraseOutbox(_ condition: String, _ values: [String]) throws {
        let count = try file.pool.write { try OutboxRows(db: $0, hostRun: hostRun).erase(condition, values) }
        if count > 0 { scrubbing.withLock { $0.isDue = true } }
    }

    /// - Returns: whether there may be more.
    private func eraseSome(_ condition: String, _ values: [String], _ erasure: inout Erasure) throws -> Bool {
        let rows = try file.pool.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT key, id, tenant, startedAt FROM session WHERE \(condition) AND erased = 0 LIMIT 200",
                arguments: StatementArguments(values)
            ).map(RowFields.init)
        }
        guard !rows.isEmpty else { return false }
        // The audio first: with the row gone nobody would know of it.
        for row in rows where try removeRecording(row) { erasure.recordings += 1 }
        scrubbing.withLock { $0.isDue = true }
        let keys = rows.compactMap { $0.int("key") }
        let turns = try file.pool.write { try Self.erase(keys, $0) }
        erasure.turns += turns
        erasure.sessions += rows.count
        return true
    }

    func removeRecording(_ row: RowFields) throws -> Bool {
        try removeRecording(
            session: row.text("id") ?? "", tenant: row.text("tenant") ?? "", startedAt: row.int("startedAt") ?? 0)
    }

    private static func erase(_ keys: [Int64], _ db: Database) throws -> Int {
        var turns = 0
        for key in keys {
            try db.cachedStatement(sql: "DELETE FROM turn WHERE session = ?").execute(arguments: [key])
            turns += db.changesCount
            try db.cachedStatement(sql: "DELETE FROM change WHERE session = ?").execute(arguments: [key])
            try db.cachedStatement(sql: "DELETE FROM session WHERE key = ? AND endedAt IS NOT NULL")
                .execute(arguments: [key])
            try db.cachedStatement(
                sql: """
                    UPDATE session SET erased = 1, keepsTranscripts = 0, user = NULL, peer = NULL, traceparent = NULL,
                        recordUntil = NULL, transcriptUntil = NULL, recordingUntil = NULL WHERE key = ?
                    """
            ).execute(arguments: [key])
        }
        return turns
    }

    /// Deleted bytes are overwritten with zeros where they were; copies that SQLite left behind when it moved rows go
    /// with the writing anew, and those in the log with its truncation.
    func scrub() throws {
        try file.pool.writeWithoutTransaction { try $0.execute(sql: "VACUUM") }
        try truncateLog()
        scrubbing.withLock { $0.isDue = false }
    }

    func truncateLog() throws {
        _ = try file.pool.barrierWriteWithoutTransaction { try $0.checkpoint(.truncate) }
    }

    /// Runs on the writer's queue, between writes; at most 32 wait.
    func onWriter<Value: Sendable>(
        _ body: @escaping @Sendable (RecordStore) throws -> Value
    ) async throws(SyrinxError) -> Value {
        let isTaken = waitingTasks.withLock { waiting in
            guard waiting < 32 else { return false }
            waiting += 1
            return true
        }
        guard isTaken else {
            throw SyrinxError("store.busy", "too much waits for the database of records", retryable: true)
        }
        defer { waitingTasks.withLock { $0 -= 1 } }
        let result: Result<Value, SyrinxError> = await withCheckedContinuation { done in
            queue.async {
                let result = Result { try body(self) }.mapError { self.noted($0) }
                done.resume(returning: result)
            }
        }
        return try result.get()
    }
}
