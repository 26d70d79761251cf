// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Synchronization
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// The open providers behind the doors. Thread-safe; opening blocks.
final class DoorProviders: Sendable {
    /// One ready for calls.
    struct Ready: Sendable {
        let lease: ProviderLease
        let options: JSONValue

        var provider: ProviderInstance { lease.provider }
        var capabilities: Capabilities { provider.descriptor.capabilities }

        /// Hz of both directions.
        func rate(wanted: Int?) -> Int {
            if let wanted { return capabilities.rate(preferring: wanted) }
            return capabilities.rates.first ?? 16_000
        }

        /// Whether it passes the session's events on.
        var wantsEvents: Bool { capabilities.json["events"]?.bool ?? false }
    }

    private let host: PluginHost
    /// Of each plan the newest, so that no call waits for a provider that is open already.
    private let leases = Mutex<[(plan: StagePlan, lease: ProviderLease)]>([])

    init(host: PluginHost) { self.host = host }

    /// Opens what the doors need, and lets go of what they need no more. A door that cannot be served is refused when somebody comes.
    func prepare(_ doors: [String: Door], _ logger: Logger) {
        var plans: [StagePlan] = []
        for (name, door) in doors.sorted(by: { $0.key < $1.key }) {
            for plan in [door.transport, door.backend].compactMap(\.self) {
                plans.append(plan)
                do throws(SyrinxError) {
                    _ = try lease(plan)
                } catch {
                    logger.error("door unavailable", metadata: ["door": "\(name)", "error": "\(error)"])
                }
            }
        }
        leases.withLock { leases in leases.removeAll { !plans.contains($0.plan) } }
    }

    /// The newest generation's provider; opened if it is not.
    /// - Throws: `plugin.not_found`, `plugin.config_invalid`, `plugin.quarantined`, `provider.*`.
    func open(_ plan: StagePlan, options: JSONValue) throws(SyrinxError) -> Ready {
        let lease = try lease(plan)
        return Ready(
            lease: lease,
            options: try host.sessionOptions(options, for: lease.provider.descriptor, hiding: plan.hidden))
    }

    private func lease(_ plan: StagePlan) throws(SyrinxError) -> ProviderLease {
        let descriptor = try host.registry.choice(plan.kind, plan.provider).stable
        let lease = try host.lease(descriptor, configuration: plan.config, hiding: plan.hidden)
        try lease.provider.makeRoom()
        leases.withLock { leases in
            leases.removeAll { $0.plan == plan }
            leases.append((plan, lease))
        }
        return lease
    }
}

/// Doors follow the plugins: a build that serves no more is held by the calls that it has, and by nothing else.
extension DoorProviders: RouteUser {
    var uses: [StageUse] {
        leases.withLock { $0.map(\.plan) }.map { plan in
            StageUse(
                profile: "doors", kind: plan.kind, reference: plan.provider, configuration: plan.config,
                options: plan.options, hidden: plan.hidden)
        }
    }

    func followRoutes(keepWorking: Bool) -> [SyrinxError] {
        leases.withLock { $0.map(\.plan) }.compactMap { plan in
            do throws(SyrinxError) {
                _ = try lease(plan)
                return nil
            } catch {
                if !keepWorking { leases.withLock { $0.removeAll { $0.plan == plan } } }
                return error
            }
        }
    }
}

/// Profiles and doors.
final class RouteUsers: RouteUser {
    private let users: [any RouteUser]

    init(_ users: [any RouteUser]) { self.users = users }

    var uses: [StageUse] { users.flatMap(\.uses) }

    func followRoutes(keepWorking: Bool) -> [SyrinxError] {
        users.flatMap { $0.followRoutes(keepWorking: keepWorking) }
    }
}
