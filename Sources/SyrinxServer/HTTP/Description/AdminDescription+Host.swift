// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension AdminDescription {
    static let host = [
        APIOperation(
            method: "GET", path: "/status", id: "getStatus", tag: "host", summary: "The host at a glance",
            access: .operator, answers: [.ok("It", Schema.named("Status"))]),
        APIOperation(
            method: "GET", path: "/healthz", id: "getHealth", tag: "host", summary: "How well it is, in detail",
            access: .operator,
            answers: [
                .ok("It serves", Schema.named("Health")),
                .answer(503, "No profile can be used", Schema.named("Health")),
            ]),
        APIOperation(
            method: "GET", path: "/drain", id: "getDrain", tag: "host", summary: "Whether it is draining, and how far",
            access: .operator, answers: [.ok("It", Schema.named("Drain"))]),
        APIOperation(
            method: "POST", path: "/drain", id: "beginDrain", tag: "host",
            summary: "Takes no new sessions; what is left at the deadline is closed", access: .operator,
            answers: [.answer(202, "It drains", Schema.named("Drain"))]),
        APIOperation(
            method: "DELETE", path: "/drain", id: "cancelDrain", tag: "host", summary: "Takes new sessions again",
            access: .operator, answers: [.ok("It does", Schema.named("Drain")), .problem(409, "drain.stopping")]),
        APIOperation(
            method: "POST", path: "/reload", id: "reload", tag: "host", summary: "Reads the configuration file again",
            description: "All or nothing; sessions that live keep what they began with", access: .operator,
            parameters: [
                APIDescription.query("dry_run", "Tell what would change, and change nothing", Schema.truth())
            ],
            answers: [
                .ok("What changed", Schema.named("Reload")), .problem(400, "request.query_invalid"),
                .problem(422, "config.refused"),
                .problem(503, "admin.busy"),
            ]),
    ]

    private static let places = Schema.object(["active": Schema.whole()], optional: ["limit": Schema.whole(from: 1)])

    static let hostSchemas: [String: JSONValue] = [
        "Status": Schema.object([
            "version": Schema.text(), "pid": Schema.whole(from: 1),
            "state": Schema.word(["ready", "draining", "overloaded", "at_capacity"]), "started": Schema.time(),
            "uptime_s": Schema.whole("Seconds"), "generation": Schema.whole("Of the configuration", from: 1),
            "configured": Schema.time("When that was read"), "sessions": places, "tenants": Schema.map(places),
            "providers": Schema.map(places), "load": Schema.named("Load"),
            "breakers": Schema.list(Schema.named("Breaker")),
        ]),
        "Load": Schema.object(
            [
                "cpu": Schema.number("Of all cores, 0 to 1"), "loop_lag_ms": Schema.number(),
                "memory_bytes": Schema.whole(),
            ], optional: ["closed_by": Schema.text("What closes the gate to new sessions")]),
        "Drain": Schema.object([
            "draining": Schema.truth(), "stopping": Schema.truth("The process ends after it"),
            "remaining": Schema.whole("Sessions"), "oldest_ms": Schema.whole("Age of the oldest"),
        ]),
        "Reload": Schema.object([
            "applied": Schema.truth(), "generation": Schema.whole("That holds now", from: 1),
            "changes": Schema.list(
                Schema.object([
                    "key": Schema.text(), "old": Schema.text(), "new": Schema.text(),
                    "effect": Schema.word(["live", "new_sessions", "restart"], "When it holds"),
                ])),
            "restart_needed": Schema.truth("A change holds only after a restart"),
        ]),
    ]
}
