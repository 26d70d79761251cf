// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import Logging
package import SyrinxConfig
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime
internal import SyrinxStore

extension ServerOptions {
    /// What a configuration file asks for.
    /// - Parameter defaultPlugins: where plugins are when the file does not say.
    /// - Throws: ``PolicyRefusal``.
    package init(_ configuration: Configuration, defaultPlugins: [String], logger: Logger) throws(PolicyRefusal) {
        self.init(pluginFolders: configuration.plugins.folders ?? defaultPlugins, logger: logger)
        pluginFoldersAreWatched = configuration.plugins.watch
        plugins.selfTest = configuration.plugins.selfTest
        plugins.maxGenerations = configuration.plugins.maxGenerations
        plugins.canary = CanaryPlan(configuration.plugins.canary)
        setAdminSocket(configuration.listeners.admin)
        host = configuration.listen.host
        port = configuration.listen.port
        policy = try ServerPolicy(configuration)
        maxMessage = configuration.limits.maxMessage
        eventLogFolder = configuration.storage.eventLog
        storage = configuration.storage.database.map {
            StoreOptions(database: $0, recordings: configuration.storage.recordings)
        }
        telemetry = TelemetryOptions(configuration.telemetry)
        network.addresses.allowed = configuration.network.allow
        network.trustedRoots = configuration.network.trustedRoots
        maxBody = configuration.limits.body
        maxConnections = configuration.limits.connections
        maxConnectionsPerAddress = configuration.limits.connectionsPerAddress
        setAdminAddress(configuration.listeners.adminHTTP)
        self.logger.logLevel = Logger.Level(rawValue: configuration.log.level.rawValue) ?? .info
    }

    private mutating func setAdminSocket(_ wanted: ListenersConfig.Admin) {
        switch wanted {
        case .none: adminSocket = nil
        case .path(let path): adminSocket = path
        case .standard:
            adminSocket = AdminSocket.standardPath(environment: ProcessInfo.processInfo.environment)
            adminSocketIsOptional = true
        }
    }

    private mutating func setAdminAddress(_ wanted: ListenersConfig.AdminHTTP) {
        switch wanted {
        case .none: adminAddress = nil
        case .address(let address): adminAddress = AdminAddress(host: address.host, port: address.port)
        case .standard:
            let address = ListenersConfig.standardAdminHTTP
            adminAddress = AdminAddress(host: address.host, port: address.port, isOptional: true)
        }
    }
}

extension TelemetryOptions {
    fileprivate init(_ config: TelemetryConfig) {
        self.init()
        metrics = config.metrics
        tenantLabel = config.tenantLabel
        latencyTarget = config.latencyTarget ?? .zero
        traces = config.traces.endpoint.map { endpoint in
            Traces(
                endpoint: endpoint, sample: config.traces.sample,
                headers: config.traces.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        }
    }
}

extension CanaryPlan {
    fileprivate init(_ config: CanaryConfig) {
        self.init(
            tenants: Set(config.tenants), percent: config.percent, promoteAfter: config.promoteAfter,
            promoteSessions: config.promoteSessions)
    }
}
