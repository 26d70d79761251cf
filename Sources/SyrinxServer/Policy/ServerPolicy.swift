// SPDX-License-Identifier: Apache-2.0

package import SyrinxRuntime

/// What a server may be told anew while it serves: whoever begins a call sees the newest, a live call keeps its own.
package struct ServerPolicy: Sendable {
    package var profiles: [Profile]
    package var limits: SessionLimits
    /// When the host counts as too busy for another session.
    package var load: LoadGate.Limits
    package var drain: DrainPolicy

    package init() {
        profiles = BuiltInProfiles.all
        limits = SessionLimits()
        load = LoadGate.Limits()
        drain = DrainPolicy()
    }
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
