// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import SyrinxCore

/// Where the admin API is served.
enum AdminPlace: Sendable {
    case socket(AdminSocket)
    case address(AdminAddress)

    var bind: BindAddress {
        switch self {
        case .socket(let socket): .unixDomainSocket(path: socket.bindPath)
        case .address(let address): .hostname(address.host, port: address.port)
        }
    }

    var name: String {
        switch self {
        case .socket(let socket): socket.path
        case .address(let address): "\(address.host):\(address.port)"
        }
    }

    var fix: String {
        switch self {
        case .socket: "choose another path with --admin-socket, or `none`"
        case .address: "choose another address with `listeners.admin_http`, or `none`"
        }
    }

    /// It is bound: now others may find it.
    func appear() throws(SyrinxError) {
        if case .socket(let socket) = self { try socket.appear() }
    }

    func disappear() {
        if case .socket(let socket) = self { socket.disappear() }
    }
}

/// Serves the admin API at one place, as long as the server runs.
struct AdminService: Service {
    let place: AdminPlace
    let routes: AdminRoutes
    let group: MultiThreadedEventLoopGroup
    let logger: Logger
    /// Opens when the place is there, or will never be.
    let ready: ReadyGate
    /// The server goes on without it.
    let isOptional: Bool
    /// Told the port, where there is one.
    var onListening: @Sendable (Int) -> Void = { _ in }

    func run() async throws {
        let (place, ready, logger, onListening) = (place, ready, logger, onListening)
        defer { ready.open() }
        let application = Application(
            router: routes.router(place), server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(address: place.bind, serverName: "syrinx-admin"),
            onServerRunning: { channel in
                defer { ready.open() }
                do {
                    try place.appear()
                    if let port = channel.localAddress?.port { onListening(port) }
                } catch {
                    logger.error("no admin API", metadata: ["place": "\(place.name)", "error": "\(error)"])
                    try? await channel.close()
                }
            },
            eventLoopGroupProvider: .shared(group), logger: logger)
        defer { place.disappear() }
        do {
            try await Self.run(application, logger)
        } catch let error as IOError {
            guard isOptional else {
                throw SyrinxError(
                    "server.listen_failed", "cannot listen on \(place.name): \(error.localizedDescription)",
                    fix: place.fix)
            }
            logger.warning("no admin API", metadata: ["place": "\(place.name)", "error": "\(error)"])
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
