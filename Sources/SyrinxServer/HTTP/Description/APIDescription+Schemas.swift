// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension APIDescription {
    static var schemas: [String: JSONValue] {
        [healthSchemas, tokenSchemas, realtimeSchemas, sessionSchemas, recordSchemas].reduce(into: [:]) {
            all, some in
            all.merge(some) { first, _ in first }
        }
    }

    static let recordSchemas: [String: JSONValue] = [
        "Record": Schema.object(recordFields),
        "RecordWithChanges": Schema.object(recordFields.merging(["changes": changes]) { $1 }),
        "RecordWithTurns": Schema.object(
            recordFields.merging(["changes": changes, "turns": Schema.list(Schema.named("Turn"), most: 1000)]) { $1 }),
        "RecordPage": Schema.object([
            "records": Schema.list(Schema.named("Record"), most: 200),
            "next": Schema.orNull(Schema.text("The cursor of the next page; null on the last")),
        ]),
        "Change": Schema.object(changeFields),
        "Turn": Schema.object(turnFields),
        "Totals": Schema.object(totals),
        "Erasure": Schema.object([
            "sessions": Schema.whole(), "turns": Schema.whole(), "recordings": Schema.whole(),
            "kept": Schema.whole("Recordings that could not be removed"),
        ]),
        "Usage": Schema.object(
            totals.merging([
                "tenant": Schema.text(), "month": Schema.text(pattern: "^[0-9]{4}-[0-9]{2}$"),
                "sessions": Schema.whole(), "minutes": Schema.number(),
            ]) { $1 }),
        "ExportLine": [
            "oneOf": [
                Schema.object(recordFields.merging(["type": Schema.constant("session")]) { $1 }),
                Schema.object(
                    changeFields.merging(["type": Schema.constant("change"), "session": Schema.text()]) { $1 }),
                Schema.object(
                    turnFields.merging(["type": Schema.constant("turn"), "session": Schema.text()]) { $1 }),
            ]
        ],
    ]

    private static let recordFields: [String: JSONValue] = [
        "id": Schema.text("The session's"), "tenant": Schema.text(), "user": Schema.orNull(Schema.text()),
        "profile": Schema.text(), "providers": Schema.map(Schema.text("`flite@1.0.0`, by kind of stage")),
        "traceparent": Schema.orNull(Schema.text("W3C trace context")), "peer": Schema.orNull(Schema.text()),
        "state": Schema.word(["open", "closed"]), "started_at": Schema.time(),
        "ended_at": Schema.orNull(Schema.time()), "duration_ms": Schema.orNull(Schema.whole()),
        "reason": Schema.orNull(Schema.word(reasons)), "error": Schema.orNull(Schema.text("A code")),
        "totals": Schema.named("Totals"), "transcripts": Schema.truth("Whether words are kept"),
        "recording": Schema.orNull(
            Schema.object([
                "reason": Schema.word(
                    ["finished", "disk_full", "io_error", "slow", "too_large", "refused"], "Why it ended"),
                "duration_ms": Schema.whole(), "bytes": Schema.whole(),
            ])),
    ]

    private static let changes = Schema.list(Schema.named("Change"), most: 1000)

    private static let changeFields: [String: JSONValue] = [
        "what": Schema.word(["pipeline", "language"]), "from": Schema.text(), "to": Schema.text(),
        "cause": Schema.word(
            ["requested", "tools", "failure", "agent", "detected"],
            "Why a pipeline (requested, tools, failure), or who a language (requested, agent, detected)"),
        "at": Schema.time(),
    ]

    private static let turnFields: [String: JSONValue] = [
        "number": Schema.whole(from: 1), "user": Schema.orNull(Schema.text("Null when no words are kept")),
        "heard": Schema.orNull(Schema.text("What the caller heard of the answer")),
        "outcome": Schema.word(["answered", "interrupted", "failed"]),
        "failure": Schema.orNull(Schema.text("A code")), "latency_ms": Schema.map(Schema.number()),
        "usage": Schema.map(Schema.whole()), "started_at": Schema.time(), "ended_at": Schema.time(),
    ]

    private static let totals: [String: JSONValue] = [
        "turns": Schema.whole(), "caller_audio_ms": Schema.whole(), "agent_audio_ms": Schema.whole(),
        "characters": Schema.whole(), "input_tokens": Schema.whole(), "output_tokens": Schema.whole(),
        "tool_calls": Schema.whole(),
    ]
}
