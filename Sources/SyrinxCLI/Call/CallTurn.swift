// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// One turn of the call as the client saw it.
package struct CallTurn: Sendable, Equatable {
    /// The session's number of it.
    package var number: Int64
    /// The caller's line during which it was committed.
    package var line: Int
    package var user: String
    package var agent = ""
    package var heard = ""
    /// `answered`, `interrupted`, `failed`; nil while it lasts.
    package var outcome: String?
    package var failure: String?
    /// The server's own steps, in milliseconds.
    package var steps: [String: Double] = [:]
    /// When the caller heard the first sample of the answer.
    package var heardAt: Instant?
    /// When the caller's last sound had been sent.
    package var spokenAt: Instant?

    package init(number: Int64, line: Int, user: String) {
        self.number = number
        self.line = line
        self.user = user
    }

    package var isInterrupted: Bool { outcome == "interrupted" }

    /// From the end of the caller's speech to the first sound of the answer, both at the client.
    package var audioHeard: Double? {
        guard let heardAt, let spokenAt, heardAt >= spokenAt else { return nil }
        return ((heardAt - spokenAt).milliseconds * 10).rounded() / 10
    }

    package mutating func end(_ event: JSONValue) {
        outcome = event["outcome"]?.string
        user = event["user"]?.string ?? user
        agent = event["agent"]?.string ?? ""
        heard = event["heard"]?.string ?? ""
        failure = event["failure"]?.string
        steps = (event["latency_ms"]?.object ?? [:]).compactMapValues(\.double)
    }
}
