// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension APIDescription {
    static let sessions = [
        APIOperation(
            method: "GET", path: "/v1/sessions", id: "listSessions", tag: "sessions",
            summary: "Live sessions, the oldest first", access: .scope("read"),
            parameters: [
                cursor, query("limit", "Of one page", Schema.whole(from: 1, to: 1000, default: 100)),
            ],
            answers: [
                .ok(
                    "A page", Schema.named("SessionPage"),
                    links: ["session": link("getSession"), "close": link("closeSession")]),
                .problem(400, "request.query_invalid"),
            ]),
        APIOperation(
            method: "GET", path: "/v1/sessions/{id}", id: "getSession", tag: "sessions", summary: "One live session",
            access: .scope("read"), parameters: [sessionID],
            answers: [.ok("It", Schema.named("Session")), .problem(404, "session.not_found")]),
        APIOperation(
            method: "DELETE", path: "/v1/sessions/{id}", id: "closeSession", tag: "sessions",
            summary: "Ends a session", description: "It closes with the reason `admin`, in a moment",
            access: .scope("admin"), parameters: [sessionID],
            answers: [
                .answer(
                    202, "It closes",
                    Schema.object(["session": Schema.text(), "state": Schema.constant("closing")])),
                .problem(404, "session.not_found"),
            ]),
    ]

    private static func link(_ operation: String) -> JSONValue {
        [
            "operationId": .string(operation),
            "parameters": ["id": "$response.body#/sessions/0/session"],
        ]
    }

    static let sessionSchemas: [String: JSONValue] = [
        "Session": Schema.object([
            "session": Schema.text("Its id"), "profile": Schema.text(), "tenant": Schema.text(),
            "user": Schema.text("Empty when nobody was named"),
            "state": Schema.word(["initial", "listening", "processing", "speaking", "away", "ended", "error"]),
            "rate": Schema.whole("Hz", from: 8000, to: 48_000), "turns": Schema.whole(), "age_ms": Schema.whole(),
        ]),
        "SessionPage": Schema.object([
            "sessions": Schema.list(Schema.named("Session"), most: 1000),
            "next": Schema.orNull(Schema.text("The cursor of the next page; null on the last")),
        ]),
    ]
}
