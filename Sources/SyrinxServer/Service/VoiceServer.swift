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
    private let options: ServerOptions
    /// The process's own, one loop a core. They never end: whoever is late to schedule, such as a framework's task or a
    /// plugin's thread, must find a loop that lives.
    private let group = MultiThreadedEventLoopGroup.singleton
    private let environment: RuntimeEnvironment

    /// - Throws: `plugin.folder.missing` when a plugin folder cannot be read.
    package init(_ options: ServerOptions) throws(SyrinxError) {
        self.options = options
        environment = RuntimeEnvironment(logger: options.logger)
        host = PluginHost(environment: environment)
        manager = SessionManager(host: host, group: group, limits: options.limits)
        for folder in options.pluginFolders { report(try host.load(folder: folder)) }
    }

    private func report(_ plugins: [PluginHost.LoadedPlugin]) {
        for plugin in plugins {
            guard let refusal = plugin.refusal else { continue }
            options.logger.error(
                "plugin refused",
                metadata: [
                    "syrinx.plugin": "\(plugin.manifest?.id ?? plugin.folder)", "error": "\(refusal)",
                ])
        }
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
        var configuration = ServiceGroupConfiguration(services: [application(onListening)], logger: quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        let services = ServiceGroup(configuration: configuration)
        let drain = Drain(manager: manager, deadline: options.drainDeadline, logger: options.logger)
        // In a task of its own: cancelled, it would drop its connections instead of ending them.
        let serving = Task { try await self.serve(services) }
        let exit = try await withThrowingTaskGroup(of: Int32?.self) { tasks in
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
        // In a task of its own: a cancelled one cannot wait for plugins.
        await Task { await self.stop() }.value
        return exit
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
        let routes = Routes(manager: manager, health: HealthReport(manager: manager, environment: environment))
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

    /// The frameworks' own chatter is of no use to an operator.
    private var quiet: Logger {
        var logger = options.logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }

    private func stop() async {
        await host.close(within: .seconds(2))
        environment.stop()
    }
}
