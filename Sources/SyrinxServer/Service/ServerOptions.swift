// SPDX-License-Identifier: Apache-2.0

package import Logging
package import NIOPosix
package import SyrinxHost
package import SyrinxRuntime

/// Everything that a server is started with.
package struct ServerOptions: Sendable {
    package var host: String
    /// 0 = any free port.
    package var port: Int
    /// Folders that hold one folder a plugin.
    package var pluginFolders: [String]
    package var pluginFoldersAreWatched: Bool
    package var plugins: LivePlugins.Options
    /// Whom to believe, and where plugins' code runs.
    package var loading: PluginLoading
    /// Path of the admin API's socket; nil = there is none.
    package var adminSocket: String?
    /// Nobody asked for just this path: when it cannot be had, the server starts without.
    package var adminSocketIsOptional: Bool
    package var profiles: [Profile]
    package var limits: SessionLimits
    /// Bytes of one WebSocket message.
    package var maxMessage: Int
    /// How long live calls may go on after SIGTERM.
    package var drainDeadline: Duration
    /// Where the event log of each call is written; nil = nowhere.
    package var eventLogFolder: String?
    /// What the server runs on; it is not ended with the server. The process's own has one loop a core.
    package var group = MultiThreadedEventLoopGroup.singleton
    package var logger: Logger

    package init(pluginFolders: [String], logger: Logger) {
        host = "127.0.0.1"
        port = 8080
        self.pluginFolders = pluginFolders
        pluginFoldersAreWatched = false
        plugins = LivePlugins.Options()
        loading = PluginLoading()
        adminSocketIsOptional = false
        profiles = BuiltInProfiles.all
        limits = SessionLimits()
        maxMessage = 262_144
        drainDeadline = .seconds(1800)
        self.logger = logger
    }
}
