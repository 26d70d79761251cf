// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAccess
internal import SyrinxConfig
internal import SyrinxCore
internal import SyrinxHost
package import SyrinxRuntime

/// A way in through a plugin: whose calls come by it, and how they talk.
package struct Door: Sendable, Equatable {
    /// Of kind transport or backend.
    package var transport: StagePlan?
    package var backend: StagePlan?
    /// Nil = that of the called number.
    package var tenant: String? = "default"
    /// Nil = the tenant's first.
    package var profile: String?
    /// Hz of both directions; nil = the provider's own.
    package var rate: Int?
    /// It serves `/v1/realtime/calls` alone: the key judges, and says whose call it is.
    package var isRealtime = false
    /// The agent has a tool that presses keys at the far end.
    package var sendsKeys = false
    /// The caller's keys are heard in the audio.
    package var hearsTones = false
    /// Where calls of single numbers lead instead.
    package var numbers: [String: Destination] = [:]

    /// Whose a call is, and how it talks.
    package struct Destination: Sendable, Equatable {
        package var tenant: String?
        package var profile: String?

        package init(tenant: String? = nil, profile: String? = nil) {
            self.tenant = tenant
            self.profile = profile
        }
    }

    package init() {}

    /// - Parameter tenants: those of the configuration; the only one is meant where none is named.
    init(_ config: DoorConfig, tenants: [String]) {
        transport = config.transport.map { StagePlan(.transport, $0) }
        backend = config.backend.map { StagePlan(.backend, $0) }
        tenant = config.tenant ?? (tenants.count > 1 ? nil : tenants.first ?? tenant)
        profile = config.profile
        rate = config.rate
        sendsKeys = config.sendsKeys
        hearsTones = config.hearsTones
        numbers = config.numbers.mapValues { Destination(tenant: $0.tenant, profile: $0.profile) }
        isRealtime = config.isRealtime
    }

    /// Whether it depends on the called number where a call leads.
    var asksForNumber: Bool { tenant == nil || !numbers.isEmpty }

    /// Where a call of this number leads.
    /// - Throws: `door.number_unknown`.
    func destination(
        calling number: String, _ access: AccessControl
    ) throws(SyrinxError) -> (tenant: String, profile: String?) {
        let own = CalledNumber.forms(of: number).lazy.compactMap { numbers[$0] }.first
        guard let found = own?.tenant ?? tenant ?? access.tenant(calling: number) else {
            throw SyrinxError(
                "door.number_unknown",
                number.isEmpty
                    ? "the call names no number, and this door has no tenant"
                    : "the called number `\(number.prefix(32))` leads to no tenant",
                fix: "name it in `doors.NAME.numbers` or `tenants.NAME.route.numbers`, or give the door a `tenant`")
        }
        // The door's own profile is its own tenant's.
        let isAnothers = tenant != nil && found != tenant
        return (found, own?.profile ?? (isAnothers ? nil : profile))
    }
}
