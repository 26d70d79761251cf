// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB
internal import SyrinxCore

/// Rows of events that wait for endpoints. Everything here runs inside a transaction of the one writer.
struct OutboxRows {
    let db: Database
    let hostRun: String

    static let table = """
        CREATE TABLE outbox (
            key INTEGER PRIMARY KEY, tenant TEXT NOT NULL, endpoint TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
            session TEXT NOT NULL, user TEXT NOT NULL, time INTEGER NOT NULL, body BLOB NOT NULL,
            failures INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL, death TEXT, status INTEGER, until INTEGER,
            hostRun TEXT NOT NULL,
            UNIQUE (tenant, endpoint, id)) STRICT;
        CREATE INDEX outboxBySession ON outbox(tenant, session);
        CREATE INDEX outboxByUser ON outbox(tenant, user);
        CREATE INDEX outboxUntil ON outbox(until) WHERE until IS NOT NULL;
        """

    func apply(_ change: OutboxChange, tenant: String, endpoint: String) throws {
        switch change {
        case .added(let event): try add(event)
        case .waits(let id, let failures, let due):
            try run(
                "UPDATE outbox SET failures = ?, due = ?, death = NULL, status = NULL", [failures, due], tenant,
                endpoint, id)
        case .died(let id, let failures, let reason, let status):
            try run(
                "UPDATE outbox SET failures = ?, death = ?, status = ?", [failures, reason, status], tenant, endpoint,
                id
            )
        case .gone(let id): try run("DELETE FROM outbox", [], tenant, endpoint, id)
        case .endpointGone:
            try db.cachedStatement(sql: "DELETE FROM outbox WHERE tenant = ? AND endpoint = ?")
                .execute(arguments: [tenant, endpoint])
        }
    }

    /// Only of a session whose record is kept, and for no longer than its words are: an erased one leaves nothing.
    private func add(_ event: OutboxEvent) throws {
        let values: [(any DatabaseValueConvertible)?] = [
            event.tenant, event.endpoint, event.id, event.type, event.session, RecordWrite.clipped(event.user),
            event.time, Data(event.body), event.failures, event.due, hostRun,
        ]
        try db.cachedStatement(
            sql: """
                INSERT INTO outbox (tenant, endpoint, id, type, session, user, time, body, failures, due, hostRun, until)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, coalesce(transcriptUntil, recordUntil)
                FROM session WHERE id = ?5 AND tenant = ?1 AND erased = 0
                ON CONFLICT DO NOTHING
                """
        ).execute(arguments: StatementArguments(values))
    }

    private func run(
        _ sql: String, _ values: [(any DatabaseValueConvertible)?], _ tenant: String, _ endpoint: String, _ id: String
    ) throws {
        try db.cachedStatement(sql: sql + " WHERE tenant = ? AND endpoint = ? AND id = ?")
            .execute(arguments: StatementArguments(values + [tenant, endpoint, id]))
    }

    /// Takes over what runs have left that do not live.
    /// - Returns: it, the oldest first.
    func adopt(_ lock: DatabaseLock) throws -> [OutboxEvent] {
        let dead = try String.fetchAll(db, sql: "SELECT DISTINCT hostRun FROM outbox")
            .filter { $0 != hostRun && !lock.isAlive($0) }
        guard !dead.isEmpty else { return [] }
        let condition = "hostRun IN (\(databaseQuestionMarks(count: dead.count)))"
        let left = try events(condition, dead)
        try db.execute(
            sql: "UPDATE outbox SET hostRun = ? WHERE \(condition)", arguments: StatementArguments([hostRun] + dead))
        return left
    }

    /// What this run has, the oldest first.
    func own() throws -> [OutboxEvent] { try events("hostRun = ?", [hostRun]) }

    private func events(_ condition: String, _ values: [String]) throws -> [OutboxEvent] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM outbox WHERE \(condition) ORDER BY key", arguments: StatementArguments(values)
        ).map { RowFields(row: $0).outboxEvent }
    }

    /// - Parameter condition: of `tenant` and `user`, or `tenant` and `session`.
    /// - Returns: how many there were.
    func erase(_ condition: String, _ values: [String]) throws -> Int {
        try db.execute(sql: "DELETE FROM outbox WHERE \(condition)", arguments: StatementArguments(values))
        return db.changesCount
    }

    /// - Returns: the ids of what is gone, by tenant.
    func purge(now: Int64) throws -> [String: Set<String>] {
        let gone = try Row.fetchAll(
            db, sql: "DELETE FROM outbox WHERE until <= ? RETURNING tenant, id", arguments: [now]
        ).map(RowFields.init)
        return Dictionary(grouping: gone) { $0.text("tenant") ?? "" }
            .mapValues { Set($0.compactMap { $0.text("id") }) }
    }
}

extension RowFields {
    fileprivate var outboxEvent: OutboxEvent {
        OutboxEvent(
            id: text("id") ?? "", tenant: text("tenant") ?? "", endpoint: text("endpoint") ?? "",
            type: text("type") ?? "", session: text("session") ?? "", user: text("user") ?? "", time: int("time") ?? 0,
            body: bytes("body"), failures: number("failures") ?? 0, due: int("due") ?? 0, death: text("death"),
            status: number("status"))
    }

    private func number(_ column: String) -> Int? { int(column).flatMap(Int.init(exactly:)) }
}
