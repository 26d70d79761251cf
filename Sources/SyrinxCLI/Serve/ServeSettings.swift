// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import Logging
package import SyrinxConfig
internal import SyrinxHost
package import SyrinxServer
internal import SyrinxTelemetry

/// What the command line says, over what the configuration file says.
package struct ServeSettings: Sendable {
    package var config: String?
    package var listen: ListenAddress?
    package var plugins: [String]
    package var logLevel: Logger.Level?
    /// A path, or `none`.
    package var adminSocket: String?

    package init(
        config: String?, listen: ListenAddress?, plugins: [String], logLevel: Logger.Level?,
        adminSocket: String? = nil
    ) {
        self.config = config
        self.listen = listen
        self.plugins = plugins
        self.logLevel = logLevel
        self.adminSocket = adminSocket
    }

    /// - Throws: everything wrong in the file; what makes its keys, lock or state unusable.
    package func options() throws -> ServerOptions {
        let configuration = try config.map(Self.load) ?? Configuration()
        let redactor = Redactor(secrets: configuration.secretValues)
        let logger = Logger.commands(
            level: .info, asJSON: configuration.log.format == .json, redactor: redactor)
        var options = try ServerOptions(configuration, defaultPlugins: [InstallPaths.pluginFolder], logger: logger)
        options.loading = try PluginLoading(configuration.plugins)
        options.source = config.map { file in
            ConfigurationFile(
                path: file, environment: ProcessInfo.processInfo.environment, holding: configuration
            ) { redactor.add($0.secretValues) }
        }
        options.onSecrets = { redactor.add($0) }
        if let listen { (options.host, options.port) = (listen.host, listen.port) }
        if let socket = try InheritedSocket.passed(ProcessInfo.processInfo.environment) { options.use(socket) }
        if !plugins.isEmpty { options.pluginFolders = plugins }
        if let adminSocket {
            options.adminSocket = adminSocket == "none" ? nil : adminSocket
            options.adminSocketIsOptional = false
        }
        if let logLevel { options.logger.logLevel = logLevel }
        return options
    }

    package static func load(_ file: String) throws(ConfigErrors) -> Configuration {
        try Configuration.load(path: file, environment: ProcessInfo.processInfo.environment)
    }
}
