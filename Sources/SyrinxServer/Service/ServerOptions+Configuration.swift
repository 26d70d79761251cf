// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import Logging
package import SyrinxConfig
internal import SyrinxHost
internal import SyrinxRuntime

extension ServerOptions {
    /// What a configuration file asks for.
    /// - Parameter defaultPlugins: where plugins are when the file does not say.
    package init(_ configuration: Configuration, defaultPlugins: [String], logger: Logger) {
        self.init(pluginFolders: configuration.plugins.folders ?? defaultPlugins, logger: logger)
        pluginFoldersAreWatched = configuration.plugins.watch
        plugins.selfTest = configuration.plugins.selfTest
        plugins.maxGenerations = configuration.plugins.maxGenerations
        plugins.canary = CanaryPlan(configuration.plugins.canary)
        setAdminSocket(configuration.listeners.admin)
        host = configuration.listen.host
        port = configuration.listen.port
        policy = ServerPolicy(configuration)
        maxMessage = configuration.limits.maxMessage
        eventLogFolder = configuration.storage.eventLog
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
}

extension CanaryPlan {
    fileprivate init(_ config: CanaryConfig) {
        self.init(
            tenants: Set(config.tenants), percent: config.percent, promoteAfter: config.promoteAfter,
            promoteSessions: config.promoteSessions)
    }
}
