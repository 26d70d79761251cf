// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
package import SyrinxCore
package import SyrinxHost
internal import SyrinxNet
package import SyrinxRuntime
internal import SyrinxTelemetry

/// The voice server: plugins, profiles, sessions, one port. The composition root of the product.
package final class VoiceServer: Sendable {
    package let manager: SessionManager
    package let host: PluginHost
    /// Changes plugins while calls go on.
    package let live: LivePlugins
    private let options: ServerOptions
    private let parts: ServerParts
    private let adminPortCell = PortCell()
    /// It outlives the server: whoever is late to schedule, such as a framework's task or a plugin's thread, must find a
    /// loop that lives.
    private let group: MultiThreadedEventLoopGroup
    private let environment: RuntimeEnvironment
    /// Runs the requests and sockets of plugins.
    private let network: NetClient

    /// Where the admin API is served over HTTP; nil where it is not, or not yet.
    package var adminPort: Int? { adminPortCell.value }
    package var adminHost: String? { options.adminAddress?.host }

    /// - Throws: `server.unauthenticated_listener`; `network.roots_unreadable`; `plugin.folder.missing` when a plugin folder cannot be read.
    package init(_ options: ServerOptions) throws(SyrinxError) {
        try ListenerRule.check(options.policy.access, host: options.host, admin: options.adminAddress)
        self.options = options
        group = options.group
        network = try Self.network(options)
        environment = RuntimeEnvironment(
            logger: options.logger, network: network, addressRules: options.network.addresses,
            onSecrets: options.onSecrets)
        host = PluginHost(environment: environment, loading: options.loading)
        manager = SessionManager(host: host, group: group, limits: options.policy.limits)
        manager.update(load: options.policy.load)
        let logger = options.logger
        live = LivePlugins(
            host: host, options: options.plugins, report: { PluginEventLogger(logger: logger).log($0) })
        parts = try ServerParts(options, manager: manager, live: live, environment: environment)
        let metrics = parts.outlets.metrics
        environment.observeConnections { metrics.connected(kind: $0, provider: $1, after: $2, isKept: $3) }
        try live.load(options.pluginFolders)
        live.serve(parts.routeUsers)
    }

    private static func network(_ options: ServerOptions) throws(SyrinxError) -> NetClient {
        do throws(NetworkFailure) {
            return try NetClient(group: options.group, trustedRoots: options.network.trustedRoots)
        } catch {
            throw SyrinxError(
                "network.roots_unreadable", error.message,
                fix: "write the path of a PEM file with certificates under network.trusted_roots")
        }
    }

    /// Method and path of each route of the public API; parameters stand in braces.
    package var publicRoutes: [(method: String, path: String)] { PublicListener(options, parts).knownRoutes }

    /// The same of the operator's API.
    package var adminRoutes: [(method: String, path: String)] {
        AdminListeners(options, parts).knownRoutes(
            DrainControl(manager: manager, policies: parts.policies, logger: options.logger))
    }

    /// Opens every profile's providers. Blocks while models load.
    package func prepareProfiles() {
        for profile in parts.policies.current.profiles {
            guard case .failure(let error) = manager.profiles.add(profile) else { continue }
            options.logger.error("profile unavailable", metadata: ["profile": "\(profile.name)", "error": "\(error)"])
        }
        parts.doors.providers.prepare(parts.policies.current.doors, options.logger)
    }

    /// Takes a changed configuration over, or refuses it and says so in the log.
    package func reload() async {
        let reloader = parts.reloader
        let done = await environment.onWorker { () throws(SyrinxError) in _ = try? reloader.reload() }
        if case .failure(let error) = done {
            options.logger.error("configuration not reloaded", metadata: ["error": "\(error)"])
        }
    }

    /// Serves until it is told to stop, then drains; or until its task is cancelled. The process's signals are the
    /// application's business, not this.
    /// - Parameters:
    ///   - stops: the first element begins the drain, the second ends its wait.
    ///   - onListening: called once with the port.
    /// - Returns: the exit code: 0 when every call ended by itself, 3 when some had to be closed.
    /// - Throws: `server.listen_failed`.
    package func run(
        stops: AsyncStream<Void> = AsyncStream { _ in }, onListening: @escaping @Sendable (Int) async -> Void
    ) async throws -> Int32 {
        let inherited = options.inherited.map {
            InheritedListener($0, group: options.group, logger: options.quietLogger)
        }
        let drain = DrainControl(manager: manager, policies: parts.policies, logger: options.logger) {
            inherited?.stopAccepting()
        }
        let admin = try AdminListeners(options, parts).services(drain, adminPortCell)
        var services: [any Service] = [
            PublicListener(options, parts).application(inherited) { port in
                for service in admin { await service.ready.wait() }
                await onListening(port)
            }
        ]
        services += admin
        if let inherited { services.append(inherited) }
        let watcher = watcher()
        watcher.start()
        parts.load.start(group)
        let sending = Task { [parts] in await parts.outlets.run() }
        defer {
            sending.cancel()
            watcher.stop()
            parts.load.stop()
        }
        var configuration = ServiceGroupConfiguration(services: services, logger: options.quietLogger)
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        let outcome: Result<Int32, any Error>
        do {
            outcome = .success(try await serve(ServiceGroup(configuration: configuration), drain, until: stops))
        } catch {
            outcome = .failure(error)
        }
        // In a task of its own: a cancelled one cannot wait for plugins.
        await Task { await self.stop() }.value
        return try outcome.get()
    }

    private func serve(
        _ services: ServiceGroup, _ drain: DrainControl, until stops: AsyncStream<Void>
    ) async throws -> Int32 {
        // In a task of its own: cancelled, it would drop its connections instead of ending them.
        let serving = Task { try await self.serve(services) }
        return try await withThrowingTaskGroup(of: Int32?.self) { tasks in
            tasks.addTask {
                try await serving.value
                return nil
            }
            tasks.addTask { await drain.run(stops) }
            guard let code = try await tasks.next() ?? nil else {
                tasks.cancelAll()
                return Int32(1)
            }
            await services.triggerGracefulShutdown()
            _ = try await tasks.next()
            return code
        }
    }

    private func serve(_ services: ServiceGroup) async throws {
        do {
            try await services.run()
        } catch let error as IOError {
            throw SyrinxError(
                "server.listen_failed",
                "cannot listen on \(options.host):\(options.port): \(error.localizedDescription)",
                fix: "choose another address with --listen HOST:PORT")
        }
    }

    /// Looks after the plugins; notices changes of their folders where that is wanted.
    private func watcher() -> FolderWatcher {
        let live = live
        guard options.pluginFoldersAreWatched else {
            return FolderWatcher([], onChange: {}, onTick: { live.tick() })
        }
        return FolderWatcher(options.pluginFolders, onChange: { live.reconcile() }, onTick: { live.tick() })
    }

    private func stop() async {
        parts.doors.closeAll()
        await parts.outlets.stop()
        live.stop()
        await host.close(within: .seconds(2))
        network.shutdown()
        environment.stop()
    }
}
