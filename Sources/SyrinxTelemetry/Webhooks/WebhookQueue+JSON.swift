// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

extension WebhookQueue {
    /// For the admin API; without the secret, the address's query, and what the events say.
    package var json: JSONValue {
        let (endpoint, counts) = (endpoint, counts)
        return [
            "endpoint": .string(endpoint.name), "tenant": .string(endpoint.tenant),
            "url": .string(String(endpoint.url.prefix { $0 != "?" })),
            "events": .array(endpoint.events.sorted().map { .string($0) }), "disabled": .bool(isDisabled),
            "pending": .int(Int64(pending)), "delivered": .int(Int64(counts.delivered)),
            "failed_tries": .int(Int64(counts.failedTries)), "dead": .int(Int64(counts.dead)),
            "refused": .int(Int64(counts.refused)), "dead_letters": .array(deadLetters.map(Self.json)),
        ]
    }

    private static func json(_ letter: WebhookDeadLetter) -> JSONValue {
        [
            "id": .string(letter.event.id), "type": .string(letter.event.type),
            "time": .string(RFC3339.text(unixNanoseconds: letter.event.time)),
            "reason": .string(letter.reason.rawValue), "status": letter.status.map { .int(Int64($0)) } ?? .null,
            "tries": .int(Int64(letter.failures)),
        ]
    }
}
