// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension APIDescription {
    static let health = [
        APIOperation(
            method: "GET", path: "/livez", id: "getLiveness", tag: "health",
            summary: "Whether the process is to be restarted", access: .anybody,
            answers: [
                .ok("It runs", status(["alive"])), .answer(503, "An event loop is stuck", status(["stuck"])),
            ]),
        APIOperation(
            method: "GET", path: "/startupz", id: "getStartup", tag: "health", summary: "Whether it has started",
            access: .anybody, answers: [.ok("It has", status(["started"]))]),
        APIOperation(
            method: "GET", path: "/readyz", id: "getReadiness", tag: "health", summary: "Whether to send it calls",
            access: .anybody,
            answers: [
                .ok("It takes calls", status(["ready"])),
                .answer(503, "It does not, for now", status(["draining", "overloaded", "at_capacity"])),
            ]),
        APIOperation(
            method: "GET", path: "/healthz", id: "getHealth", tag: "health", summary: "How well it is",
            description: "With all its detail only where no tenant has keys", access: .anybody,
            answers: [
                .ok("It serves", Schema.named("Health")),
                .answer(503, "No profile can be used", Schema.named("Health")),
            ]),
    ]

    private static func status(_ words: [String]) -> JSONValue { Schema.object(["status": Schema.word(words)]) }

    static var healthSchemas: [String: JSONValue] {
        let head: [String: JSONValue] = [
            "status": Schema.word(["healthy", "degraded", "unhealthy"]), "draining": Schema.truth(),
        ]
        let detail: [String: JSONValue] = [
            "sessions": Schema.object(["active": Schema.whole(), "limit": Schema.whole("0 = none")]),
            "records": [
                "oneOf": [
                    Schema.object(["status": Schema.word(["off", "ok"])]),
                    Schema.object([
                        "status": Schema.constant("failing"), "code": Schema.text(), "message": Schema.text(),
                    ]),
                ]
            ],
            "load": Schema.text("`ok`, or what closes the gate to new sessions"),
            "breakers": Schema.list(Schema.named("Breaker")), "profiles": Schema.map(Schema.named("ProfileHealth")),
            "providers": Schema.list(Schema.named("Provider")),
            "plugin_events": Schema.map(Schema.whole()),
        ]
        return [
            "Health": ["oneOf": [Schema.object(head), Schema.object(head.merging(detail) { first, _ in first })]],
            "ProfileHealth": [
                "oneOf": [
                    Schema.object(["status": Schema.constant("ready")]),
                    Schema.object([
                        "status": Schema.constant("unavailable"), "code": Schema.text(), "message": Schema.text(),
                    ]),
                ]
            ],
            "Breaker": Schema.object(
                [
                    "tenant": Schema.text(), "kind": Schema.text(), "provider": Schema.text(),
                    "state": Schema.word(["open", "half_open"]),
                ], "A provider that is left alone, or on trial"),
            "Provider": Schema.object(
                [
                    "kind": Schema.text(), "id": Schema.text(), "sessions": Schema.whole(), "faults": Schema.whole(),
                    "calls": Schema.object(["handle": meter, "process": meter, "work": meter]),
                ], optional: ["metrics": Schema.map(["type": ["number", "null"]]), "error": Schema.text()]),
        ]
    }

    private static let meter = Schema.object([
        "count": Schema.whole(), "mean_us": Schema.number(), "max_us": Schema.number(),
    ])
}
