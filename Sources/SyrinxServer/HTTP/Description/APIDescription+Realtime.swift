// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension APIDescription {
    static let realtime = [realtimeSocket, clientSecrets, realtimeCall, preflight, hangUp]

    private static let realtimeSocket = APIOperation(
        method: "GET", path: "/v1/realtime", id: "realtime", tag: "calls",
        summary: "A conversation, as a WebSocket that speaks OpenAI's Realtime protocol",
        description: """
            `docs/REALTIME.md` tells what of the protocol is served. Also with the subprotocols `realtime` and \
            `openai-insecure-api-key.KEY` in the place of a header. Without an upgrade it answers 426.
            """,
        access: .talk,
        parameters: [
            query(
                "model", "The profile of this name, or `profile/NAME`; any other means the tenant's first",
                Schema.text())
        ],
        answers: [
            APIAnswer(status: 101, description: "The conversation begins", type: ""),
            .problem(
                400, "request.invalid", "request.query_invalid", "request.handshake_invalid", "realtime.unsupported"),
            .problem(404, "profile.not_found"), .problem(426, "request.upgrade_required"),
            .problem(429, "request.rate_exceeded", "tenant.limit_exceeded", "tenant.quota_exceeded"),
            .problem(
                503, "session.limit_exceeded", "session.draining", "session.busy", "session.overloaded",
                "provider.limit_exceeded", "provider.no_helper", "plugin.not_found", "profile.incomplete",
                "profile.language_unsupported"),
        ])

    private static let clientSecrets = APIOperation(
        method: "POST", path: "/v1/realtime/client_secrets", id: "createClientSecret", tag: "calls",
        summary: "A session token under the name of the Realtime protocol",
        description: """
            For a browser that connects to `/v1/realtime`. Good once, for 10 minutes at most; its session begins with the \
            settings that are given here. An empty body asks for nothing in particular.
            """,
        access: .scope("talk"),
        body: [
            "required": false, "content": ["application/json": ["schema": Schema.named("ClientSecretOrder")]],
        ],
        answers: [
            .ok("The secret", Schema.named("ClientSecret")),
            .problem(400, "request.field_invalid", "json.invalid", "realtime.unsupported"),
            .problem(404, "profile.not_found"), .problem(413, "request.body_too_large"),
            .problem(429, "token.limit_exceeded"),
            .problem(503, "plugin.not_found", "profile.incomplete", "provider.no_helper"),
        ])

    private static let realtimeCall = APIOperation(
        method: "POST", path: "/v1/realtime/calls", id: "createRealtimeCall", tag: "calls",
        summary: "A conversation in the Realtime protocol over WebRTC: an offer comes, an answer goes",
        description: """
            The events go over the data channel that the client has made, the audio over the call's own media. A door of \
            the configuration has to have `realtime: true`. The answer's `Location` ends with the call's id. Also with a \
            client secret (`ek_…`).
            """,
        access: .scope("talk"),
        parameters: [
            query(
                "model", "The profile of this name, or `profile/NAME`; any other means the tenant's first",
                Schema.text())
        ],
        body: [
            "required": true,
            "content": [
                "application/sdp": ["schema": Schema.text("The offer")],
                "multipart/form-data": [
                    "schema": Schema.object(
                        ["sdp": Schema.text("The offer", length: 1...16_384)],
                        optional: ["session": Schema.object([:], isOpen: true, "As in `session.update`")])
                ],
            ],
        ],
        answers: [
            APIAnswer(
                status: 201, description: "The answer", type: "application/sdp", schema: Schema.text()),
            .problem(400, "request.field_invalid", "json.invalid", "realtime.unsupported", "plugin.config_invalid"),
            .problem(404, "door.not_found", "profile.not_found"), .problem(413, "request.body_too_large"),
            .problem(429, "request.rate_exceeded", "tenant.limit_exceeded", "tenant.quota_exceeded"),
            .problem(502, "door.failed"),
            .problem(
                503, "session.limit_exceeded", "session.draining", "session.busy", "session.overloaded",
                "provider.limit_exceeded", "provider.session_limit", "provider.unavailable", "plugin.not_found",
                "profile.incomplete", "door.isolated"),
            .problem(504, "door.timeout"),
        ])

    private static let preflight = APIOperation(
        method: "OPTIONS", path: "/v1/realtime/calls", id: "preflightRealtimeCall", tag: "calls",
        summary: "Pages of any origin may call", access: .anybody,
        answers: [APIAnswer(status: 204, description: "What a browser asks first (CORS)", type: "")])

    private static let hangUp = APIOperation(
        method: "POST", path: "/v1/realtime/calls/{id}/hangup", id: "hangUpRealtimeCall", tag: "calls",
        summary: "Ends a call of the Realtime protocol over WebRTC", access: .scope("talk"),
        parameters: [sessionID],
        answers: [
            APIAnswer(status: 200, description: "It ends", type: ""), .problem(404, "session.not_found"),
        ])

    static let realtimeSchemas: [String: JSONValue] = [
        "ClientSecretOrder": Schema.object(
            [:],
            optional: [
                "expires_after": Schema.object(
                    ["seconds": Schema.whole("Until it is used; more than 600 means 600", from: 10, to: 7200)],
                    optional: ["anchor": Schema.constant("created_at")]),
                "session": Schema.object(
                    ["type": Schema.constant("realtime")], isOpen: true,
                    "As in `session.update`; `model` chooses the profile"),
            ]),
        "ClientSecret": Schema.object([
            "value": Schema.text(pattern: "^ek_[A-Za-z0-9_-]{43}$"), "expires_at": Schema.whole("Seconds of Unix time"),
            "session": Schema.object([:], isOpen: true, "The session that it will begin"),
        ]),
    ]
}
