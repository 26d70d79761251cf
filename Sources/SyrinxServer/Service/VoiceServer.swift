// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
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
    /// It outlives the server: whoever is late to schedule, such as a framework's task or a plugin's thread, must find a
    /// loop that lives.
    private let group: MultiThreadedEventLoopGroup
    private let environment: RuntimeEnvironment

    /// - Throws: `plugin.folder.missing` when a plugin folder cannot be read.
    package init(_ options: ServerOptions) throws(SyrinxError) {
        self.options = options
        group = options.group
        environment = RuntimeEnvironment(logger: options.logger)
        host = PluginHost(environment: environment, loading: options.loading)
        manager = SessionManager(host: host, group: group, limits: options.limits)
        let logger = options.logger
        live = LivePlugins(
            host: host, options: options.plugins, report: { PluginEventLogger(logger: logger).log($0) })
        try live.load(options.pluginFolders)
        live.serve(manager.profiles)
    }

    /// Opens every profile's providers. Blocks while models load.
    package func prepareProfiles() {
        for profile in options.profiles {
            guard case .failure(let error) = manager.profiles.add(profile) else { continue }
            options.logger.error("profile unavailable", metadata: ["profile": "\(profile.name)", "error": "\(error)"])
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
        let ready = ReadyGate()
        let admin = try admin(ready)
        if admin == nil { ready.open() }
        var services: [any Service] = [
            application { port in
                await ready.wait()
                await onListening(port)
            }
        ]
        if let admin { services.append(admin) }
        let watcher = watcher()
        watcher.start()
        defer { watcher.stop() }
        var configuration = ServiceGroupConfiguration(services: services, logger: quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        let outcome: Result<Int32, any Error>
        do {
            outcome = .success(try await serve(ServiceGroup(configuration: configuration), until: stops))
        } catch {
            outcome = .failure(error)
        }
        // In a task of its own: a cancelled one cannot wait for plugins.
        await Task { await self.stop() }.value
        return try outcome.get()
    }

    private func serve(_ services: ServiceGroup, until stops: AsyncStream<Void>) async throws -> Int32 {
        let drain = Drain(manager: manager, deadline: options.drainDeadline, logger: options.logger)
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
            manager: manager, health: HealthReport(manager: manager, environment: environment, live: live))
        let logger = options.logger
        let recorders = options.eventLogFolder.map { folder in
            { @Sendable (session: String) -> (any CallRecorder)? in
                EventLogFile(folder: folder, session: session, logger: logger)
            }
        }
        let door = TalkDoor(manager: manager, maxMessage: options.maxMessage, recorders: recorders)
        return Application(
            router: routes.router(), server: HTTPServerBuilder { TalkChannel(responder: $0, door: door) },
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

    /// - Throws: `server.listen_failed`.
    private func admin(_ ready: ReadyGate) throws -> (any Service)? {
        guard let path = options.adminSocket else { return nil }
        do {
            let socket = try AdminSocket(path: path)
            return AdminService(
                socket: socket, routes: AdminRoutes(live: live, environment: environment), group: group,
                logger: quiet, ready: ready, isOptional: options.adminSocketIsOptional)
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
        live.stop()
        await host.close(within: .seconds(2))
        environment.stop()
    }
}
