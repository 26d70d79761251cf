// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Logging
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime
internal import SyrinxStore

/// What the listeners of a server share.
struct ServerParts: Sendable {
    let manager: SessionManager
    let live: LivePlugins
    let environment: RuntimeEnvironment
    let policies: PolicyStore
    let reloader: Reloader
    let load: LoadWatch
    let gate: Gatekeeper
    let outlets: Outlets
    let doors: DoorDesk
    /// What changes of plugins concern.
    let routeUsers: RouteUsers
    let startedAt = Date()

    /// Opens the database. Blocks.
    /// - Throws: `store.*`.
    init(
        _ options: ServerOptions, manager: SessionManager, live: LivePlugins, environment: RuntimeEnvironment
    ) throws(SyrinxError) {
        self.manager = manager
        self.live = live
        self.environment = environment
        policies = PolicyStore(options.policy)
        let usage = MonthlyUsage()
        let outlets = try Outlets(options, usage: usage)
        outlets.apply(options.policy)
        outlets.tellOfCrash()
        HostMetrics.observe(outlets.metrics, manager, live, policies, startedAt: startedAt)
        self.outlets = outlets
        let (host, admin) = (options.host, options.adminAddress)
        let (providers, logger) = (DoorProviders(host: manager.host), options.logger)
        reloader = Reloader(
            manager: manager, policies: policies, source: options.source, logger: options.logger,
            check: { policy throws(SyrinxError) in
                try ListenerRule.check(policy.access, host: host, admin: admin)
            },
            onResult: { policy in
                outlets.reloaded(policy)
                if let policy { providers.prepare(policy.doors, logger) }
            })
        load = LoadWatch(manager: manager)
        gate = Gatekeeper(
            manager: manager, policies: policies, usage: usage, metrics: outlets.metrics,
            listenerIsLoopback: ListenerRule.isLoopback(options.host))
        routeUsers = RouteUsers([manager.profiles, providers])
        doors = DoorDesk(
            manager: manager, providers: providers, gate: gate, policies: policies, outlets: outlets)
    }

    var health: HealthReport {
        HealthReport(manager: manager, environment: environment, live: live, records: outlets.store)
    }

    var status: HostStatus { HostStatus(manager: manager, policies: policies, startedAt: startedAt) }
}

extension ServerOptions {
    /// The frameworks' own chatter is of no use to an operator.
    var quietLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
