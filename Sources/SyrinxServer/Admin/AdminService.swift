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

    func run() async throws {
        let socket = socket
        let logger = logger
        let application = Application(
            router: routes.router(), server: .http1(),
            configuration: .init(address: .unixDomainSocket(path: socket.bindPath), serverName: "syrinx-admin"),
            onServerRunning: { channel in
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
            try await application.run()
        } catch let error as IOError {
            throw SyrinxError(
                "server.listen_failed", "cannot listen on \(socket.path): \(error.localizedDescription)",
                fix: "choose another path with --admin-socket, or `none`")
        }
    }
}
