// SPDX-License-Identifier: Apache-2.0

package import Logging
package import NIOPosix
package import SyrinxCore
package import SyrinxHost
internal import SyrinxRuntime
package import SyrinxStore

/// Where the admin API listens for HTTP.
package struct AdminAddress: Sendable, Equatable {
    package var host: String
    package var port: Int
    /// Nobody asked for just this one: when it is taken, the server starts without.
    package var isOptional: Bool

    package init(host: String, port: Int, isOptional: Bool = false) {
        self.host = host
        self.port = port
        self.isOptional = isOptional
    }
}

/// What is told of the server to those who watch it.
package struct TelemetryOptions: Sendable {
    package struct Traces: Sendable {
        /// `http://127.0.0.1:4318/v1/traces` (OTLP/HTTP).
        package var endpoint: String
        /// Share of traces that are sent, 0...1.
        package var sample: Double
        package var headers: [(String, String)]

        package init(endpoint: String, sample: Double = 1, headers: [(String, String)] = []) {
            self.endpoint = endpoint
            self.sample = sample
            self.headers = headers
        }
    }

    /// Whether `/metrics` is served.
    package var metrics = true
    /// Whether series have the tenant as a label.
    package var tenantLabel = false
    /// Response latency that is worth a warning; zero = none.
    package var latencyTarget = Duration.zero
    package var traces: Traces?

    package init() {}
}

/// Where plugins may reach.
package struct NetworkOptions: Sendable {
    package var addresses = AddressRules()
    /// Path of a PEM file with the authorities to trust; nil = the system's.
    package var trustedRoots: String?

    package init() {}
}

/// Everything that a server is started with.
package struct ServerOptions: Sendable {
    package var host: String
    /// 0 = any free port.
    package var port: Int
    /// Listened on instead, at `host` and `port`; another process may hold it as well, and share the database.
    package private(set) var inherited: InheritedSocket?
    /// Folders that hold one folder a plugin.
    package var pluginFolders: [String]
    package var pluginFoldersAreWatched: Bool
    package var plugins: LivePlugins.Options
    /// Whom to believe, and where plugins' code runs.
    package var loading: PluginLoading
    /// Path of the admin API's socket; nil = there is none.
    package var adminSocket: String?
    /// Address of the admin API over HTTP; nil = there is none.
    package var adminAddress: AdminAddress?
    /// Nobody asked for just this path: when it cannot be had, the server starts without.
    package var adminSocketIsOptional: Bool
    /// What it begins with.
    package var policy: ServerPolicy
    /// Where a newer policy is read; nil = it stays with the first.
    package var source: (any PolicySource)?
    /// Bytes of one WebSocket message.
    package var maxMessage: Int
    /// Bytes of an HTTP body.
    package var maxBody = 1_048_576
    /// Open sockets of the public listener, and of one address; 0 = no limit.
    package var maxConnections = 10_000
    package var maxConnectionsPerAddress = 200
    /// Where records go; nil = none are kept.
    package var storage: StoreOptions?
    package var telemetry: TelemetryOptions
    /// Where plugins may reach.
    package var network = NetworkOptions()
    /// Where the event log of each call is written; nil = nowhere.
    package var eventLogFolder: String?
    /// What the server runs on; it is not ended with the server. The process's own has one loop a core.
    package var group = MultiThreadedEventLoopGroup.singleton
    package var logger: Logger
    /// Told the secrets of each provider before it is opened, so that no log shows them.
    package var onSecrets: @Sendable ([String]) -> Void = { _ in }

    package init(pluginFolders: [String], logger: Logger) {
        host = "127.0.0.1"
        port = 8080
        self.pluginFolders = pluginFolders
        pluginFoldersAreWatched = false
        plugins = LivePlugins.Options()
        loading = PluginLoading()
        adminSocketIsOptional = false
        policy = ServerPolicy()
        maxMessage = 262_144
        telemetry = TelemetryOptions()
        self.logger = logger
    }

    /// Listens on a socket that was passed on.
    package mutating func use(_ socket: InheritedSocket) {
        inherited = socket
        (host, port) = (socket.host, socket.port)
        storage?.isShared = true
    }
}
