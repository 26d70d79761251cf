// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension APIDescription {
    /// ``CloseReason``'s words, and that of a session whose host died.
    package static let reasons = CloseReason.allCases.map(\.rawValue) + ["host_crashed"]

    static let records = [list, record, erase, recording, eraseUser, usage, export]

    static let storeFaults = APIAnswer.problem(
        503, "store.full", "store.storeFaults", "store.busy", "store.corrupt", "store.in_use", "store.newer",
        "store.failed", "store.cancelled", "store.recording_kept")
    private static let noRecord = APIAnswer.problem(404, "records.not_kept", "record.not_found")

    private static let from = query("from", "Begun at this time or later (RFC 3339)", Schema.time())
    private static let to = query("to", "Begun before this time", Schema.time())

    static let recordFilters = [
        query("user", "Of this user", Schema.text(length: 1...256)), from, to,
        query("reason", "Ended for this reason", Schema.word(reasons)), cursor,
        query("limit", "Of one page", Schema.whole(from: 1, to: 200, default: 100)),
    ]

    private static let list = APIOperation(
        method: "GET", path: "/v1/records", id: "listRecords", tag: "records",
        summary: "Records of sessions, the newest first", access: .scope("read"),
        parameters: recordFilters,
        answers: [
            .ok(
                "A page", Schema.named("RecordPage"),
                links: [
                    "record": link("getRecord"), "recording": link("getRecording"), "erase": link("eraseRecord"),
                ]),
            .problem(400, "request.query_invalid"), .problem(404, "records.not_kept"), storeFaults,
        ])

    private static let record = APIOperation(
        method: "GET", path: "/v1/records/{id}", id: "getRecord", tag: "records",
        summary: "A record with its changes and turns", access: .scope("read"), parameters: [sessionID],
        answers: [.ok("It", Schema.named("RecordWithTurns")), noRecord, storeFaults])

    private static let erase = APIOperation(
        method: "DELETE", path: "/v1/records/{id}", id: "eraseRecord", tag: "records",
        summary: "Erases a record, its words and its recording", access: .scope("admin"), parameters: [sessionID],
        answers: [.ok("What was erased", Schema.named("Erasure")), noRecord, storeFaults])

    private static let recording = APIOperation(
        method: "GET", path: "/v1/records/{id}/recording", id: "getRecording", tag: "records",
        summary: "A recording: the caller left, the agent right", access: .scope("read"), parameters: [sessionID],
        answers: [
            .ok("A WAV file", ["contentMediaType": "audio/wav"], type: "audio/wav"),
            .problem(404, "records.not_kept", "recording.not_found"), storeFaults,
        ])

    private static let eraseUser = APIOperation(
        method: "DELETE", path: "/v1/users/{user}", id: "eraseUser", tag: "records",
        summary: "Erases all that is kept of a user",
        description:
            "Also takes back the session tokens of the user. Of a user of whom nothing is kept it erases nothing.",
        access: .scope("admin"), parameters: [path("user", Schema.text("At most 256 bytes", length: 1...256))],
        answers: [
            .ok("What was erased", Schema.named("Erasure")), .problem(400, "request.path_invalid"),
            .problem(404, "records.not_kept"), storeFaults,
        ])

    private static let usage = APIOperation(
        method: "GET", path: "/v1/usage", id: "getUsage", tag: "records", summary: "What was used, by month (UTC)",
        access: .scope("read"), parameters: [from, to],
        answers: [
            .ok("By month", Schema.object(["usage": Schema.list(Schema.named("Usage"))])),
            .problem(400, "request.query_invalid"), .problem(404, "records.not_kept"), storeFaults,
        ])

    private static let export = APIOperation(
        method: "GET", path: "/v1/export", id: "exportRecords", tag: "records", summary: "All that is kept",
        description: """
            JSON Lines: of each session, the oldest first, a line of `type` `session`, then one of `type` `change` for \
            each change of its pipeline or language, and one of `type` `turn` for each of its turns.
            """,
        access: .scope("admin"),
        answers: [
            .ok("Lines of `ExportLine`", Schema.text(), type: "application/jsonl"), .problem(404, "records.not_kept"),
            storeFaults,
        ])

    private static func link(_ operation: String) -> JSONValue {
        ["operationId": .string(operation), "parameters": ["id": "$response.body#/records/0/id"]]
    }
}
