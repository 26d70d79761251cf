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
            method: "POST", path: "/v1/sessions/{id}/keys", id: "sendKeys", tag: "sessions",
            summary: "Presses keys at the far end of a call",
            description: "As events of its line where it has such, else by their tones. Only calls of doors take keys.",
            access: .scope("talk"), parameters: [sessionID],
            body: ["required": true, "content": ["application/json": ["schema": Schema.named("Keys")]]],
            answers: [
                .answer(
                    202, "They are pressed, one after another",
                    Schema.object(["session": Schema.text(), "keys": Schema.text()])),
                .problem(400, "request.field_invalid", "json.invalid"), .problem(404, "session.not_found"),
                .problem(409, "session.keys_refused"), .problem(413, "request.body_too_large"),
            ]),
        APIOperation(
            method: "PATCH", path: "/v1/sessions/{id}", id: "changeSession", tag: "sessions",
            summary: "Goes on in another pipeline or language, or keeps nothing of what is said for a while",
            description: "The pipeline after the turn in progress, the language at once; an event tells when. The "
                + "recording is paused, or goes on, before the answer comes.",
            access: .scope("admin"), parameters: [sessionID],
            body: ["required": true, "content": ["application/json": ["schema": Schema.named("SessionChange")]]],
            answers: [
                .answer(
                    202, "It will",
                    Schema.object(["session": Schema.text(), "state": Schema.constant("changing")])),
                .problem(400, "request.field_invalid", "language.invalid"), .problem(404, "session.not_found"),
                .problem(409, "pipeline.unavailable"), .problem(413, "request.body_too_large"),
                .problem(503, "profile.language_unsupported"),
            ]),
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
            "pipeline": Schema.word(["cascade", "s2s", "loopback"]), "language": Schema.text("BCP 47 tag"),
            "rate": Schema.whole("Hz", from: 8000, to: 48_000), "turns": Schema.whole(),
            "recording_paused": Schema.truth("Nothing of what is said is kept now"), "age_ms": Schema.whole(),
        ]),
        "SessionChange": Schema.object(
            [:],
            optional: [
                "pipeline": Schema.word(["cascade", "s2s"]), "language": Schema.text("BCP 47 tag", length: 2...35),
                "recording": Schema.word(["paused", "on"]),
            ]),
        "SessionPage": Schema.object([
            "sessions": Schema.list(Schema.named("Session"), most: 1000),
            "next": Schema.orNull(Schema.text("The cursor of the next page; null on the last")),
        ]),
    ]
}
