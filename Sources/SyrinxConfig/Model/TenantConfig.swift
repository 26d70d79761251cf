// SPDX-License-Identifier: Apache-2.0

/// Who uses the server, what for and how much.
package struct TenantConfig: Hashable, Sendable {
    /// The profiles it may use, the first where the caller names none; nil: all.
    package var profiles: [String]?
    /// Stages that replace those of each of its profiles, its own options of voices, and words that it pronounces its own
    /// way; says nothing else. ``Configuration/overlay(for:tenant:)`` lays it over.
    package var providers = ProfileConfig()
    /// By name, as the others.
    package var keys: [String: KeyConfig] = [:]
    /// By the `kid` of the tokens.
    package var jwt: [String: JWTConfig] = [:]
    package var route = RouteConfig()
    package var limits = TenantLimits()
    package var records = RecordsConfig()
    /// What `${secret:NAME}` stood for in ``providers``, where it has been replaced.
    package var secrets: [String: String] = [:]
    package var webhooks: [String: WebhookConfig] = [:]

    package init() {}

    /// Whether it asks nobody for a credential, so that it can be reached on loopback only.
    package var isOpen: Bool { keys.isEmpty && jwt.isEmpty }
}

/// What leads to a tenant besides its keys; no two tenants share any of it.
package struct RouteConfig: Hashable, Sendable {
    /// In lower case.
    package var hosts: [String] = []
    package var numbers: [String] = []
    /// First parts of paths, without slashes.
    package var paths: [String] = []

    package init() {}
}

/// How much of the server a tenant gets; nil for as much as there is.
package struct TenantLimits: Hashable, Sendable {
    package var sessions: Int?
    /// Sessions that no other tenant can take.
    package var reserved = 0
    package var createsPerSecond: Double?
    /// Sessions that may begin at once after a pause.
    package var burst = 10
    /// Per calendar month of UTC.
    package var minutes: Int?

    package init() {}
}

/// What is kept of a tenant's sessions.
package struct RecordsConfig: Hashable, Sendable {
    package var transcripts = true
    package var recordings = false
    /// Nil for ever.
    package var keep: Duration? = .seconds(30 * 86_400)
    /// Nil for as long as the record.
    package var keepTranscripts: Duration?
    package var keepRecordings: Duration?
    /// What is taken out of its words.
    package var redact: Set<Redaction> = []
    package var eventLog = false

    package enum Redaction: String, Hashable, Sendable, CaseIterable {
        /// Six digits or more, written or spoken.
        case numbers
        case emails
    }

    package init() {}
}

/// Who is told of a tenant's sessions.
package struct WebhookConfig: Hashable, Sendable {
    package enum Event: String, Hashable, Sendable, CaseIterable {
        case sessionStarted = "session.started"
        case sessionEnded = "session.ended"
        case turnEnded = "turn.ended"
    }

    package var url: String
    package var secret: String
    package var events: [Event]

    package init(url: String, secret: String, events: [Event] = Event.allCases) {
        self.url = url
        self.secret = secret
        self.events = events
    }
}
