// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension AdminDescription {
    static let observation = [
        APIOperation(
            method: "GET", path: "/metrics", id: "getMetrics", tag: "observation", summary: "Metrics for Prometheus",
            description: "Not there where `telemetry.metrics` is off", access: .operator,
            answers: [.ok("Its text format", Schema.text(), type: "text/plain")]),
        APIOperation(
            method: "GET", path: "/records", id: "listRecords", tag: "observation",
            summary: "Records of all tenants, the newest first", access: .operator,
            parameters: APIDescription.recordFilters,
            answers: [
                .ok("A page", Schema.named("RecordPage")), .problem(400, "request.query_invalid"),
                .problem(404, "records.not_kept"), APIDescription.storeFaults,
            ]),
        APIOperation(
            method: "GET", path: "/records/{id}", id: "getRecord", tag: "observation", summary: "A record",
            access: .operator, parameters: [APIDescription.sessionID],
            answers: [
                .ok("It", Schema.named("RecordWithChanges")), .problem(404, "records.not_kept", "record.not_found"),
                APIDescription.storeFaults,
            ]),
        APIOperation(
            method: "GET", path: "/webhooks", id: "listWebhooks", tag: "observation",
            summary: "What waits for each endpoint, and what was given up", access: .operator,
            answers: [.ok("All of them", Schema.object(["webhooks": Schema.list(Schema.named("Webhook"))]))]),
        APIOperation(
            method: "POST", path: "/webhooks/{event}/resend", id: "resendEvent", tag: "observation",
            summary: "Tries a dead letter again, with the same id", access: .operator,
            parameters: [APIDescription.path("event", Schema.text("The event's id", length: 1...128))],
            answers: [
                .answer(
                    202, "It is tried",
                    Schema.object(["event": Schema.text(), "endpoints": Schema.whole("That had given it up", from: 1)])),
                .problem(404, "webhook.not_found"),
            ]),
    ]

    static let webhookSchemas: [String: JSONValue] = [
        "Webhook": Schema.object([
            "endpoint": Schema.text("Its name"), "tenant": Schema.text(), "url": Schema.text("Without its query"),
            "events": Schema.list(Schema.text()), "disabled": Schema.truth("It answered 410"),
            "pending": Schema.whole(), "delivered": Schema.whole(), "failed_tries": Schema.whole(),
            "dead": Schema.whole(), "refused": Schema.whole(), "dead_letters": Schema.list(deadLetter, most: 100),
        ])
    ]

    private static let deadLetter = Schema.object([
        "id": Schema.text(), "type": Schema.text(), "time": Schema.time(),
        "reason": Schema.word(["exhausted", "refused", "disabled", "full"]),
        "status": Schema.orNull(Schema.whole("The last answer's", from: 100, to: 599)), "tries": Schema.whole(),
    ])
}
