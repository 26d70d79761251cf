// SPDX-License-Identifier: Apache-2.0

/// An event that an endpoint of a tenant is still to be told, or that it did not take.
package struct OutboxEvent: Sendable, Hashable {
    package var id: String
    package var tenant: String
    /// The endpoint's name.
    package var endpoint: String
    package var type: String
    /// Whose it is: it goes when their record goes. An event of no session that has a record is not kept.
    package var session: String
    package var user: String
    /// Unix nanoseconds.
    package var time: Int64
    /// What is sent, to the byte.
    package var body: [UInt8]
    /// Tries that failed.
    package var failures: Int
    /// When it is tried next, in Unix milliseconds.
    package var due: Int64
    /// Why it is not tried any more; nil while it is.
    package var death: String?
    /// The last answer's HTTP status.
    package var status: Int?

    package init(
        id: String, tenant: String, endpoint: String, type: String, session: String, user: String, time: Int64,
        body: [UInt8], failures: Int = 0, due: Int64 = 0, death: String? = nil, status: Int? = nil
    ) {
        self.id = id
        self.tenant = tenant
        self.endpoint = endpoint
        self.type = type
        self.session = session
        self.user = user
        self.time = time
        self.body = body
        self.failures = failures
        self.due = due
        self.death = death
        self.status = status
    }
}

/// What became of an event at an endpoint. Of one that is not kept (any more) nothing is.
package enum OutboxChange: Sendable, Hashable {
    case added(OutboxEvent)
    /// Unix milliseconds.
    case waits(id: String, failures: Int, due: Int64)
    case died(id: String, failures: Int, reason: String, status: Int?)
    case gone(id: String)
    /// The endpoint itself is gone, and all that waits for it with it.
    case endpointGone
}
