// SPDX-License-Identifier: Apache-2.0

package import SyrinxAccess
package import SyrinxRuntime

/// What a server may be told anew while it serves: whoever begins a call sees the newest, a live call keeps its own.
package struct ServerPolicy: Sendable {
    /// Who may do what.
    package var access: AccessControl
    /// By name; a tenant that is not here has the defaults.
    package var tenants: [String: TenantPolicy]
    /// New sessions in a second from one address; nil = no limit.
    package var createsPerAddress: RateLimit?
    /// Of all tenants; each names its own.
    package var profiles: [Profile]
    /// By name.
    package var doors: [String: Door]
    package var limits: SessionLimits
    /// When the host counts as too busy for another session.
    package var load: LoadGate.Limits
    package var drain: DrainPolicy
    /// How long a resumable session waits for a caller whose connection was lost; nil = it does not.
    package var resumeWindow: Duration?

    package init() {
        access = AccessControl()
        tenants = [:]
        profiles = BuiltInProfiles.all
        doors = [:]
        limits = SessionLimits()
        load = LoadGate.Limits()
        drain = DrainPolicy()
        resumeWindow = .seconds(30)
    }
}

extension ServerPolicy {
    package func tenant(_ name: String) -> TenantPolicy { tenants[name] ?? TenantPolicy() }
}

package struct DrainPolicy: Sendable, Equatable {
    /// How long live calls may go on.
    package var deadline: Duration
    /// What callers hear before they are cut; nil = nothing.
    package var goodbye: String?

    package init(deadline: Duration = .seconds(1800), goodbye: String? = nil) {
        self.deadline = deadline
        self.goodbye = goodbye
    }
}
