// SPDX-License-Identifier: Apache-2.0

package import SyrinxAccess
package import SyrinxStore
package import SyrinxTelemetry

/// What one tenant may take of the host, beyond the places that ``SessionLimits`` counts.
package struct TenantPolicy: Sendable {
    /// The profile of a call that names none.
    package var defaultProfile: String
    /// New sessions in a second; nil = no limit.
    package var creates: RateLimit?
    /// Minutes of sessions in a calendar month; nil = no limit.
    package var minutes: MonthlyQuota?
    /// What is kept of its sessions.
    package var records = RecordPolicy()
    /// What is taken out of words that are kept or told to webhooks.
    package var redaction: WordRedaction = []
    /// Whether its sessions have event logs, where the server keeps any.
    package var keepsEventLog = true
    /// Who is told of its sessions.
    package var webhooks: [WebhookEndpoint] = []

    package init(defaultProfile: String = "default", creates: RateLimit? = nil, minutes: MonthlyQuota? = nil) {
        self.defaultProfile = defaultProfile
        self.creates = creates
        self.minutes = minutes
    }
}
