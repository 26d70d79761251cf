// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxRuntime

/// Takes calls of a door to the tenant and the profile of the number that was called.
struct NumberRouter {
    let door: Door
    /// Of the door's own plugin.
    let provider: String
    let manager: SessionManager
    let gate: Gatekeeper
    let policies: PolicyStore

    /// Whether a call that is only announced would be refused: its number, where the request tells it, is nobody's.
    func refuses(_ request: DoorRequest, numberIn field: String) -> Bool {
        guard let number = request.field(field) else { return false }
        do throws(SyrinxError) {
            _ = try door.destination(calling: number, policies.current.access)
            return false
        } catch {
            return true
        }
    }

    /// The call keeps its id; its place becomes one of the tenant that it is found to be for.
    /// - Throws: `door.number_unknown`, `profile.*`, `request.rate_exceeded`, `tenant.*`, `session.limit_exceeded`,
    ///   `provider.limit_exceeded`.
    func move(
        _ admission: Admission, calling number: String
    ) throws(SyrinxError) -> (prepared: PreparedProfile, policy: TenantPolicy) {
        let policy = policies.current
        let (name, profile) = try door.destination(calling: number, policy.access)
        let tenant = policy.tenant(name)
        let prepared = try manager.profiles.find(profile ?? tenant.defaultProfile, tenant: name)
        // Its own tenant was asked at the door.
        if name != door.tenant { try gate.grantTenant(name) }
        try manager.move(
            admission, to: name, profile: prepared.profile.name, providers: prepared.providerIDs.union([provider]))
        return (prepared, tenant)
    }
}
