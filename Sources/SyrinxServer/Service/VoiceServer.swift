// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import SyrinxAccess
package import SyrinxCore
package import SyrinxHost
package import SyrinxRuntime

/// The voice server: plugins, profiles, sessions, one port. The composition root of the product.
package final class VoiceServer: Sendable {
    package let manager: SessionManager
    package let host: PluginHost
    /// Changes plugins while calls go on.
    package let live: LivePlugins
    private let options: ServerOptions
    private let policies: PolicyStore
    private let reloader: Reloader
    private let load: LoadWatch
    private let gate: Gatekeeper
    private let outlets: Outlets
    private let startedAt = Date()
    private let adminPortCell = PortCell()
    /// It outlives the server: whoever is late to schedule, such as a framework's task or a plugin's thread, must find a
    /// loop that lives.
    private let group: MultiThreadedEventLoopGroup
    private let environment: RuntimeEnvironment

    /// Where the admin API is served over HTTP; nil where it is not, or not yet.
    package var adminPort: Int? { adminPortCell.value }

    /// - Throws: `server.unauthenticated_listener`; `plugin.folder.missing` when a plugin folder cannot be read.
    package init(_ options: ServerOptions) throws(SyrinxError) {
        try ListenerRule.check(options.policy.access, host: options.host, admin: options.adminAddress)
        self.options = options
        group = options.group
        environment = RuntimeEnvironment(logger: options.logger)
        host = PluginHost(environment: environment, loading: options.loading)
        manager = SessionManager(host: host, group: group, limits: options.policy.limits)
        manager.update(load: options.policy.load)
        let logger = options.logger
        policies = PolicyStore(options.policy)
        let usage = MonthlyUsage()
        outlets = try Outlets(options, usage: usage)
        outlets.apply(options.policy)
        HostMetrics.observe(outlets.metrics, manager, policies, startedAt: startedAt)
        reloader = Reloader(
            manager: manager, policies: policies, source: options.source, logger: logger,
            check: { [options] policy throws(SyrinxError) in
                try ListenerRule.check(policy.access, host: options.host, admin: options.adminAddress)
            }, onResult: { [outlets] in outlets.reloaded($0) })
        load = LoadWatch(manager: manager)
        gate = Gatekeeper(
            manager: manager, policies: policies, usage: usage, metrics: outlets.metrics,
            listenerIsLoopback: ListenerRule.isLoopback(options.host))
        live = LivePlugins(
            host: host, options: options.plugins, report: { PluginEventLogger(logger: logger).log($0) })
        try live.load(options.pluginFolders)
        live.serve(manager.profiles)
    }

    /// Opens every profile's providers. Blocks while models load.
    package func prepareProfiles() {
        for profile in policies.current.profiles {
            guard case .failure(let error) = manager.profiles.add(profile) else { continue }
            options.logger.error("profile unavailable", metadata: ["profile": "\(profile.name)", "error": "\(error)"])
        }
    }

    /// Takes a changed configuration over, or refuses it and says so in the log.
    package func reload() async {
        let reloader = reloader
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
        let drain = DrainControl(manager: manager, policies: policies, logger: options.logger)
        let admin = try adminServices(drain)
        var services: [any Service] = [
            application { port in
                for service in admin { await service.ready.wait() }
                await onListening(port)
            }
        ]
        services += admin
        let watcher = watcher()
        watcher.start()
        load.start(group)
        let sending = Task { await outlets.run() }
        defer {
            sending.cancel()
            watcher.stop()
            load.stop()
        }
        var configuration = ServiceGroupConfiguration(services: services, logger: quiet)
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

    private func application(_ onListening: @escaping @Sendable (Int) async -> Void) -> some Service {
        let routes = Routes(
            manager: manager, policies: policies, gate: gate, outlets: outlets, health: health, status: status,
            load: load)
        let door = TalkDoor(
            manager: manager, gate: gate, policies: policies, maxMessage: options.maxMessage, outlets: outlets,
            desk: ResumeDesk(policies: policies, environment: environment))
        let connections = ConnectionLedger(
            most: options.maxConnections, mostPerAddress: options.maxConnectionsPerAddress)
        HostMetrics.observe(outlets.metrics, connections)
        return Application(
            responder: TenantPathResponder(next: routes.router().buildResponder()),
            server: HTTPServerBuilder { TalkChannel(responder: $0, door: door, connections: connections) },
            configuration: .init(address: .hostname(options.host, port: options.port), serverName: "syrinx"),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            eventLoopGroupProvider: .shared(group), logger: quiet)
    }

    /// Looks after the plugins; notices changes of their folders where that is wanted.
    private func watcher() -> FolderWatcher {
        let live = live
        guard options.pluginFoldersAreWatched else {
            return FolderWatcher([], onChange: {}, onTick: { live.tick() })
        }
        return FolderWatcher(options.pluginFolders, onChange: { live.reconcile() }, onTick: { live.tick() })
    }

    private var health: HealthReport { HealthReport(manager: manager, environment: environment, live: live) }

    private var status: HostStatus { HostStatus(manager: manager, policies: policies, startedAt: startedAt) }

    // MARK: the admin API

    /// - Throws: `server.listen_failed`.
    private func adminServices(_ drain: DrainControl) throws(SyrinxError) -> [AdminService] {
        let routes = AdminRoutes(
            manager: manager, live: live, health: health, status: status, drain: drain, reloader: reloader,
            gate: gate, outlets: outlets, servesMetrics: options.telemetry.metrics)
        var services: [AdminService] = []
        if let socket = try adminSocket() {
            services.append(admin(.socket(socket), routes, isOptional: options.adminSocketIsOptional))
        }
        if let address = options.adminAddress {
            services.append(admin(.address(address), routes, isOptional: address.isOptional))
        }
        return services
    }

    private func admin(_ place: AdminPlace, _ routes: AdminRoutes, isOptional: Bool) -> AdminService {
        let port = adminPortCell
        return AdminService(
            place: place, routes: routes, group: group, logger: quiet, ready: ReadyGate(), isOptional: isOptional,
            onListening: { port.value = $0 })
    }

    private func adminSocket() throws(SyrinxError) -> AdminSocket? {
        guard let path = options.adminSocket else { return nil }
        do {
            return try AdminSocket(path: path)
        } catch {
            guard options.adminSocketIsOptional else { throw error }
            options.logger.warning("no admin socket", metadata: ["path": "\(path)", "error": "\(error)"])
            return nil
        }
    }

    /// The frameworks' own chatter is of no use to an operator.
    private var quiet: Logger {
        var logger = options.logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }

    private func stop() async {
        await outlets.stop()
        live.stop()
        await host.close(within: .seconds(2))
        environment.stop()
    }
}
