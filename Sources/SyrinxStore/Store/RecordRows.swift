// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import SyrinxCore

/// What an ended session adds to the usage of its tenant.
struct BookedSession: Sendable {
    var id: String
    var tenant: String
    var startedAt: Int64
    var duration: Int64
    var wasErased: Bool
}

/// Writes rows. Everything here runs inside a transaction of the one writer.
struct RecordRows {
    let db: Database
    let hostRun: String

    /// Whether the write had an effect; an end also says what was booked.
    func apply(_ write: RecordWrite) throws -> (changed: Bool, booked: BookedSession?) {
        switch write {
        case .begin(let start): return (try begin(start), nil)
        case .turn(let turn): return (try add(turn), nil)
        case .change(let change): return (try add(change), nil)
        case .end(let end):
            let booked = try close(end)
            return (booked != nil, booked)
        case .recording(let session, let result): return (try record(result, of: session), nil)
        case .outbox(let tenant, let endpoint, let change):
            try OutboxRows(db: db, hostRun: hostRun).apply(change, tenant: tenant, endpoint: endpoint)
            return (true, nil)
        }
    }

    private func begin(_ start: SessionStart) throws -> Bool {
        let policy = start.policy
        let record = Self.time(start.startedAt, plus: policy.keep)
        let values: [(any DatabaseValueConvertible)?] = [
            start.id, start.tenant, start.user, RecordWrite.clipped(start.profile), Self.json(start.providers),
            start.traceparent.map { RecordWrite.clipped($0) }, start.peer.map { RecordWrite.clipped($0) }, hostRun,
            UTCDay.clamped(start.startedAt), policy.transcripts, record,
            policy.transcripts ? Self.time(start.startedAt, plus: policy.keepTranscripts, before: record) : nil,
            policy.recordings ? Self.time(start.startedAt, plus: policy.keepRecordings, before: record) : nil,
        ]
        return try run(
            """
            INSERT INTO session (id, tenant, user, profile, providers, traceparent, peer, hostRun, startedAt,
                keepsTranscripts, recordUntil, transcriptUntil, recordingUntil)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """, values)
    }

    /// Words are bound to the statement, but become part of a row only where the session's policy lets them.
    private func add(_ turn: TurnRecord) throws -> Bool {
        let values: [(any DatabaseValueConvertible)?] = [
            turn.number, turn.user, turn.heard, RecordWrite.clipped(turn.outcome),
            turn.failure.map { RecordWrite.clipped($0) }, Self.json(turn.steps), Self.json(turn.usage),
            UTCDay.clamped(turn.startedAt), UTCDay.clamped(turn.endedAt), turn.session,
        ]
        return try run(
            """
            INSERT INTO turn (session, number, user, heard, outcome, failure, steps, usage, startedAt, endedAt)
            SELECT key, ?1, iif(keepsTranscripts, ?2, NULL), iif(keepsTranscripts, ?3, NULL), ?4, ?5, ?6, ?7, ?8, ?9
            FROM session WHERE id = ?10 AND erased = 0 AND endedAt IS NULL
            ON CONFLICT DO NOTHING
            """, values)
    }

    private func add(_ change: ChangeRecord) throws -> Bool {
        let texts = [change.from, change.to, change.cause].map { RecordWrite.clipped($0, to: 64) }
        let values: [(any DatabaseValueConvertible)?] = [
            change.number, change.subject.rawValue, texts[0], texts[1], texts[2], UTCDay.clamped(change.at),
            change.session,
        ]
        return try run(
            """
            INSERT INTO change (session, number, subject, old, new, cause, at)
            SELECT key, ?1, ?2, ?3, ?4, ?5, ?6 FROM session WHERE id = ?7 AND erased = 0 AND endedAt IS NULL
            ON CONFLICT DO NOTHING
            """, values)
    }

    /// Only of an open session, so that each is booked once.
    func close(_ end: SessionEnd) throws -> BookedSession? {
        let sets = SessionTotals.columns.map { "\($0) = ?" }.joined(separator: ", ")
        let values: [(any DatabaseValueConvertible)?] =
            [
                RecordWrite.clipped(end.reason), end.errorCode.map { RecordWrite.clipped($0) },
                UTCDay.clamped(end.endedAt),
            ] + end.totals.values.map { $0 as (any DatabaseValueConvertible)? } + [end.session]
        guard
            try run(
                "UPDATE session SET reason = ?, errorCode = ?, endedAt = ?, \(sets) WHERE id = ? AND endedAt IS NULL",
                values)
        else { return nil }
        return try book(end.session)
    }

    private func book(_ id: String) throws -> BookedSession? {
        let columns = SessionTotals.columns
        // A sum that does not fit is a real number to SQLite, which a column of integers refuses.
        let sums = (["sessions", "duration"] + columns).map {
            "\($0) = min(max(0, usage.\($0)) + excluded.\($0), \(UsageRows.most))"
        }
        let (start, end) = (Self.clamped("startedAt"), Self.clamped("endedAt"))
        _ = try run(
            """
            INSERT INTO usage (tenant, day, sessions, duration, \(columns.joined(separator: ", ")))
            SELECT tenant, \(start) / \(UTCDay.milliseconds), 1, max(0, \(end) - \(start)),
                \(columns.joined(separator: ", "))
            FROM session WHERE id = ?
            ON CONFLICT (tenant, day) DO UPDATE SET \(sums.joined(separator: ", "))
            """, [id])
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM session WHERE id = ?"), arguments: [id])
        _ = try run("DELETE FROM session WHERE id = ? AND erased = 1", [id])
        guard let fields = row.map(RowFields.init), let startedAt = fields.int("startedAt") else { return nil }
        let duration = UTCDay.clamped(fields.int("endedAt") ?? startedAt) - UTCDay.clamped(startedAt)
        return BookedSession(
            id: id, tenant: fields.text("tenant") ?? "", startedAt: startedAt, duration: max(0, duration),
            wasErased: fields.bool("erased"))
    }

    private func record(_ result: RecordingResult, of session: String) throws -> Bool {
        try run(
            """
            UPDATE session SET recordingReason = ?, recordingDuration = ?, recordingBytes = ?
            WHERE id = ? AND erased = 0
            """, [result.reason.rawValue, max(0, result.duration), max(0, result.bytes), session])
    }

    private func run(_ sql: String, _ values: [(any DatabaseValueConvertible)?]) throws -> Bool {
        try db.cachedStatement(sql: sql).execute(arguments: StatementArguments(values))
        return db.changesCount > 0
    }

    /// Nil for never, and for what goes with the record anyway.
    private static func time(_ start: Int64, plus duration: Duration?, before record: Int64? = nil) -> Int64? {
        guard let duration else { return nil }
        let time = UTCDay.clamped(start) + UTCDay.clamped(duration.nanoseconds / 1_000_000)
        return time < record ?? .max ? time : nil
    }

    /// A column's time as ``UTCDay`` takes it.
    private static func clamped(_ column: String) -> String { "min(max(0, \(column)), \(UTCDay.clamped(.max)))" }

    private static func json(_ words: [String: String]) -> String {
        RecordWrite.clipped(JSONValue.object(words.mapValues { .string($0) }).text, to: 16 << 10)
    }

    private static func json(_ numbers: [String: Double]) -> String {
        JSONValue.object(numbers.mapValues { .double($0) }).text
    }

    private static func json(_ numbers: [String: Int64]) -> String {
        JSONValue.object(numbers.mapValues { .int($0) }).text
    }
}
