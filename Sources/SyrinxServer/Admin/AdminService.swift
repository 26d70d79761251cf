// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import SyrinxCore

/// Serves the admin API on its socket, as long as the server runs.
struct AdminService: Service {
    let socket: AdminSocket
    let routes: AdminRoutes
    let group: MultiThreadedEventLoopGroup
    let logger: Logger
    /// Opens when the socket is there, or will never be.
    let ready: ReadyGate
    /// The server goes on without it.
    let isOptional: Bool

    func run() async throws {
        let socket = socket
        let ready = ready
        defer { ready.open() }
        let logger = logger
        let application = Application(
            router: routes.router(), server: .http1(),
            configuration: .init(address: .unixDomainSocket(path: socket.bindPath), serverName: "syrinx-admin"),
            onServerRunning: { channel in
                defer { ready.open() }
                do {
                    try socket.appear()
                } catch {
                    logger.error("no admin socket", metadata: ["path": "\(socket.path)", "error": "\(error)"])
                    try? await channel.close()
                }
            },
            eventLoopGroupProvider: .shared(group), logger: logger)
        defer { socket.disappear() }
        do {
            try await Self.run(application, logger)
        } catch let error as IOError {
            guard isOptional else {
                throw SyrinxError(
                    "server.listen_failed", "cannot listen on \(socket.path): \(error.localizedDescription)",
                    fix: "choose another path with --admin-socket, or `none`")
            }
            logger.warning("no admin socket", metadata: ["path": "\(socket.path)", "error": "\(error)"])
        }
        ready.open()
        // A service that ends would end the others with it.
        try? await gracefulShutdown()
    }

    /// Cancelled or told to stop, the application ends in order: a connection that it has accepted and not yet served
    /// must not be dropped.
    private static func run(_ application: some Service, _ logger: Logger) async throws {
        let services = ServiceGroup(configuration: .init(services: [application], logger: logger))
        let running = Task { try await services.run() }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await running.value
        } onCancelOrGracefulShutdown: {
            Task { await services.triggerGracefulShutdown() }
        }
    }
}
