// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// One finished turn of a session.
package struct TurnRecord: Sendable, Hashable {
    package var session: String
    /// From 1. A second turn of the same number changes nothing.
    package var number: Int
    /// The caller's words; nil when they are not kept (any more). At most 64 KiB, cut at a character.
    package var user: String?
    /// What the caller *heard* of the answer, likewise.
    package var heard: String?
    /// `answered`, `interrupted` or `failed`.
    package var outcome: String
    /// The error's code of a failed turn.
    package var failure: String?
    /// Steps of the response's latency, in milliseconds: `total`, `stt`, …
    package var steps: [String: Double]
    package var usage: [String: Int64]
    package var startedAt: Int64
    package var endedAt: Int64

    package init(
        session: String, number: Int, user: String?, heard: String?, outcome: String, failure: String? = nil,
        steps: [String: Double] = [:], usage: [String: Int64] = [:], startedAt: Int64, endedAt: Int64
    ) {
        self.session = session
        self.number = number
        self.user = user
        self.heard = heard
        self.outcome = outcome
        self.failure = failure
        self.steps = steps
        self.usage = usage
        self.startedAt = startedAt
        self.endedAt = endedAt
    }

    /// What the HTTP API and the export show.
    package var json: JSONValue {
        [
            "number": .int(Int64(number)), "user": JSONValue(user), "heard": JSONValue(heard),
            "outcome": .string(outcome), "failure": JSONValue(failure),
            "latency_ms": .object(steps.mapValues { .double($0) }), "usage": .object(usage.mapValues { .int($0) }),
            "started_at": .string(UTCDay.timestamp(startedAt)), "ended_at": .string(UTCDay.timestamp(endedAt)),
        ]
    }
}

extension JSONValue {
    init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    init(_ number: Int64?) { self = number.map { .int($0) } ?? .null }
    init(time: Int64?) { self = time.map { .string(UTCDay.timestamp($0)) } ?? .null }
}
