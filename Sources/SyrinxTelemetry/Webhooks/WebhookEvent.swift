// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Something that happened, as it is told to others: written once, and sent with the same id and bytes at each try.
package struct WebhookEvent: Sendable, Equatable {
    /// `evt_` and 32 hexadecimal digits: receivers tell by it what they have already.
    package let id: String
    /// `session.ended`
    package let type: String
    package let tenant: String
    /// Whose it is, so that it can be forgotten with them.
    package let subject: Subject
    /// Nanoseconds since 1970.
    package let time: Int64
    /// JSON with `id`, `type`, `time`, `tenant`, `data`.
    package let body: [UInt8]

    package struct Subject: Sendable, Equatable {
        package var session: String
        package var user: String

        package init(session: String = "", user: String = "") {
            self.session = session
            self.user = user
        }
    }

    package static let sessionStarted = "session.started"
    package static let sessionEnded = "session.ended"
    package static let turnEnded = "turn.ended"
    /// What an endpoint may ask for.
    package static let types = [sessionStarted, sessionEnded, turnEnded]

    /// - Parameter random: any numbers; the id is made of two.
    package init(
        type: String, tenant: String, subject: Subject = Subject(), data: JSONValue, at time: Int64,
        random: () -> UInt64 = { .random(in: 0 ... .max) }
    ) {
        id = "evt_" + Hex.text(random()) + Hex.text(random())
        self.type = type
        self.tenant = tenant
        self.subject = subject
        self.time = time
        let whole: JSONValue = [
            "id": .string(id), "type": .string(type), "time": .string(RFC3339.text(unixNanoseconds: time)),
            "tenant": .string(tenant), "data": data,
        ]
        body = Array(whole.text.utf8)
    }

    /// One that was written before.
    package init(id: String, type: String, tenant: String, subject: Subject, at time: Int64, body: [UInt8]) {
        self.id = id
        self.type = type
        self.tenant = tenant
        self.subject = subject
        self.time = time
        self.body = body
    }
}
