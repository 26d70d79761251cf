// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// An event that an endpoint did not take.
package struct WebhookDeadLetter: Sendable, Equatable {
    package enum Reason: String, Sendable {
        /// All tries failed.
        case exhausted
        /// The endpoint answered that it does not want it.
        case refused
        /// The endpoint is gone (410).
        case disabled
        /// There was no room in the queue.
        case full
    }

    package var event: WebhookEvent
    package var reason: Reason
    /// The last answer's status.
    package var status: Int?
    package var failures: Int
}

/// What became of one endpoint's events.
package struct WebhookCounts: Sendable, Equatable {
    package var delivered = 0
    /// Attempts, not events.
    package var failedTries = 0
    /// Events that became dead letters, also those that were sent again later.
    package var dead = 0
    /// Events too large to be taken.
    package var refused = 0

    package init(delivered: Int = 0, failedTries: Int = 0, dead: Int = 0, refused: Int = 0) {
        self.delivered = delivered
        self.failedTries = failedTries
        self.dead = dead
        self.refused = refused
    }

    /// By the words of the label `result`.
    package var byResult: [(result: String, count: Int)] {
        [("delivered", delivered), ("failed_try", failedTries), ("dead", dead), ("refused", refused)]
    }
}
