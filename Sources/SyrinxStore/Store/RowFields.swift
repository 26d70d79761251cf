// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB
internal import SyrinxCore

/// Reads a row without believing it: a column of another type is as good as none, where the library would trap.
struct RowFields {
    let row: Row

    func text(_ column: String) -> String? { String.fromDatabaseValue(value(column)) }
    func int(_ column: String) -> Int64? { Int64.fromDatabaseValue(value(column)) }
    func bytes(_ column: String) -> [UInt8] { Data.fromDatabaseValue(value(column)).map(Array.init) ?? [] }
    func bool(_ column: String) -> Bool { int(column) == 1 }

    func object(_ column: String) -> [String: JSONValue] {
        guard let text = text(column), let value = try? JSONValue(parsing: text) else { return [:] }
        return value.object ?? [:]
    }

    private func value(_ column: String) -> DatabaseValue { row[column] ?? .null }
}

extension RowFields {
    var totals: SessionTotals { SessionTotals(values: SessionTotals.columns.map { int($0) ?? 0 }) }

    var record: SessionRecord {
        SessionRecord(
            id: text("id") ?? "", tenant: text("tenant") ?? "", user: text("user"), profile: text("profile") ?? "",
            providers: object("providers").compactMapValues(\.string), traceparent: text("traceparent"),
            peer: text("peer"), hostRun: text("hostRun") ?? "", startedAt: int("startedAt") ?? 0,
            endedAt: int("endedAt"), reason: text("reason"), errorCode: text("errorCode"), totals: totals,
            keepsTranscripts: bool("keepsTranscripts"), recording: recording)
    }

    private var recording: RecordingResult? {
        guard let reason = text("recordingReason").flatMap(RecordingResult.Reason.init(rawValue:)) else { return nil }
        return RecordingResult(
            reason: reason, duration: int("recordingDuration") ?? 0, bytes: int("recordingBytes") ?? 0)
    }

    /// Nil for a subject that this version does not know.
    func change(of session: String) -> ChangeRecord? {
        guard let subject = text("subject").flatMap(ChangeRecord.Subject.init(rawValue:)) else { return nil }
        return ChangeRecord(
            session: session, number: int("number").flatMap(Int.init(exactly:)) ?? 0, subject: subject,
            from: text("old") ?? "", to: text("new") ?? "", cause: text("cause") ?? "", at: int("at") ?? 0)
    }

    func turn(of session: String) -> TurnRecord {
        TurnRecord(
            session: session, number: int("number").flatMap(Int.init(exactly:)) ?? 0, user: text("user"),
            heard: text("heard"), outcome: text("outcome") ?? "", failure: text("failure"),
            steps: object("steps").compactMapValues(\.double), usage: object("usage").compactMapValues(\.int),
            startedAt: int("startedAt") ?? 0, endedAt: int("endedAt") ?? 0)
    }
}
