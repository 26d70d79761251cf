// SPDX-License-Identifier: Apache-2.0

/// Remembers beyond the end of the process what endpoints are still to be told. Thread-safe; never waits.
package protocol WebhookJournal: Sendable {
    /// - Parameter time: nanoseconds since 1970, of the change.
    func note(_ change: WebhookSchedule.Change, of endpoint: WebhookEndpoint, at time: Int64)
    /// The endpoint is not in the configuration any more.
    func forget(endpoint: String, of tenant: String)
}

/// What a journal remembers of an event at one endpoint.
package struct RememberedWebhook: Sendable, Equatable {
    /// The endpoint's name; its tenant is the event's.
    package var endpoint: String
    package var event: WebhookEvent
    package var failures: Int
    /// Nanoseconds since 1970.
    package var due: Int64
    /// Why it is a dead letter; nil while it waits.
    package var death: WebhookDeadLetter.Reason?
    package var status: Int?

    package init(
        endpoint: String, event: WebhookEvent, failures: Int, due: Int64, death: WebhookDeadLetter.Reason? = nil,
        status: Int? = nil
    ) {
        self.endpoint = endpoint
        self.event = event
        self.failures = failures
        self.due = due
        self.death = death
        self.status = status
    }
}
