// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension APIDescription {
    static let calls = [talk, profiles, tokens, placeCall]

    private static let talk = APIOperation(
        method: "GET", path: "/v1/talk", id: "talk", tag: "calls", summary: "A conversation, as a WebSocket",
        description: """
            `/asyncapi.json` describes it, its query included. A refusal before the upgrade has no `X-Request-Id`. Without \
            an upgrade it answers 426.
            """,
        access: .talk, parameters: TalkDescription.query,
        answers: [
            APIAnswer(status: 101, description: "The conversation begins", type: ""),
            .problem(
                400, "request.invalid", "request.query_invalid", "request.handshake_invalid",
                "session.rate_unsupported", "session.option_refused", "plugin.config_invalid"),
            .problem(404, "profile.not_found", "session.resume_not_found"), .problem(426, "request.upgrade_required"),
            .problem(429, "request.rate_exceeded", "tenant.limit_exceeded", "tenant.quota_exceeded"),
            .problem(
                503, "session.limit_exceeded", "session.draining", "session.busy", "session.overloaded",
                "provider.limit_exceeded", "provider.no_helper", "plugin.not_found", "profile.incomplete",
                "profile.language_unsupported"),
        ])

    private static let profiles = APIOperation(
        method: "GET", path: "/v1/profiles", id: "listProfiles", tag: "calls",
        summary: "The profiles that this credential may use", access: .credential,
        answers: [
            .ok(
                "By name",
                Schema.object([
                    "profiles": Schema.list(Schema.text()), "default": Schema.text("Where a call names none"),
                ]))
        ])

    private static let tokens = APIOperation(
        method: "POST", path: "/v1/tokens", id: "createToken", tag: "calls",
        summary: "A token with which a browser begins one session",
        description: """
            It is good once and not for long. What is asked for can only narrow what the credential may do. An empty body \
            asks for nothing in particular.
            """,
        access: .scope("talk"),
        parameters: [
            header(
                "Idempotency-Key",
                "Repeated within 10 minutes it gives the same token, as long as that is neither used nor expired",
                Schema.text(length: 1...128, pattern: "^[\\x21-\\x7e]+$"))
        ],
        body: [
            "required": false, "content": ["application/json": ["schema": Schema.named("TokenOrder")]],
        ],
        answers: [
            .answer(201, "The token", Schema.named("Token")),
            .problem(400, "request.field_invalid", "json.invalid", "request.idempotency_key_invalid"),
            .problem(404, "profile.not_found"), .problem(409, "request.idempotency_conflict"),
            .problem(413, "request.body_too_large"),
            .problem(429, "token.limit_exceeded", "request.idempotency_full"),
        ])

    private static let placeCall = APIOperation(
        method: "POST", path: "/v1/calls", id: "placeCall", tag: "calls",
        summary: "Places a call through a door of the configuration that has a `backend`",
        description: "The conversation begins when the far end is there; the session is listed from then on.",
        access: .scope("talk"),
        body: ["required": true, "content": ["application/json": ["schema": Schema.named("CallOrder")]]],
        answers: [
            .answer(202, "It is on its way", Schema.named("PlacedCall")),
            .problem(400, "request.field_invalid", "json.invalid", "plugin.config_invalid", "session.rate_unsupported"),
            .problem(404, "door.not_found", "profile.not_found"), .problem(413, "request.body_too_large"),
            .problem(429, "request.rate_exceeded", "tenant.limit_exceeded", "tenant.quota_exceeded"),
            .problem(
                503, "session.limit_exceeded", "session.draining", "session.busy", "session.overloaded",
                "provider.limit_exceeded", "provider.session_limit", "provider.unavailable", "plugin.not_found",
                "profile.incomplete"),
        ])

    static let tokenSchemas: [String: JSONValue] = [
        "Keys": Schema.object(["keys": Schema.text("One after another", pattern: "^[0-9*#A-D]{1,32}$")]),
        "CallOrder": Schema.object(
            ["door": Schema.text("Its name in the configuration", length: 1...64)],
            optional: ["options": ["type": "object", "description": "For the backend: whom to reach"]]),
        "PlacedCall": Schema.object([
            "session": Schema.text("The session's id", pattern: "^[A-Za-z0-9_-]{1,64}$"),
            "state": Schema.constant("calling"),
        ]),
        "TokenOrder": Schema.object(
            [:],
            optional: [
                "profile": Schema.text("The only one that it is good for", length: 1...256),
                "user": Schema.text("Whose session it will be; no control characters", length: 1...256),
                "lifetime_s": Schema.whole("Until it is used", from: 1, to: 600, default: 60),
                "max_duration_s": Schema.whole("Of the session", from: 1, to: 86_400),
            ]),
        "Token": Schema.object([
            "token": Schema.text(pattern: "^syt_[A-Za-z0-9_-]{43}$"), "expires_in": Schema.whole("Seconds", to: 600),
            "url": Schema.text("Where to connect with it", pattern: "^/v1/talk\\?token="),
        ]),
    ]
}
