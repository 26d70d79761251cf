// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SyrinxCore

/// Where operators reach a server: a Unix socket, an address, both or neither.
struct AdminListeners {
    private let options: ServerOptions
    private let parts: ServerParts

    init(_ options: ServerOptions, _ parts: ServerParts) {
        self.options = options
        self.parts = parts
    }

    /// - Parameter port: told the port of the address.
    /// - Throws: `server.listen_failed`.
    func services(_ drain: DrainControl, _ port: PortCell) throws(SyrinxError) -> [AdminService] {
        let routes = routes(drain)
        var services: [AdminService] = []
        if let socket = try socket() {
            services.append(service(.socket(socket), routes, port, isOptional: options.adminSocketIsOptional))
        }
        if let address = options.adminAddress {
            services.append(service(.address(address), routes, port, isOptional: address.isOptional))
        }
        return services
    }

    /// What the router knows, for whoever compares it with its description.
    func knownRoutes(_ drain: DrainControl) -> [(method: String, path: String)] {
        routes(drain).router(.address(AdminAddress(host: "127.0.0.1", port: 0))).knownRoutes
    }

    private func routes(_ drain: DrainControl) -> AdminRoutes {
        AdminRoutes(
            manager: parts.manager, live: parts.live, health: parts.health, status: parts.status, drain: drain,
            reloader: parts.reloader, gate: parts.gate, outlets: parts.outlets,
            servesMetrics: options.telemetry.metrics)
    }

    private func service(
        _ place: AdminPlace, _ routes: AdminRoutes, _ port: PortCell, isOptional: Bool
    ) -> AdminService {
        AdminService(
            place: place, routes: routes, group: options.group, logger: options.quietLogger, ready: ReadyGate(),
            isOptional: isOptional, onListening: { port.value = $0 })
    }

    private func socket() throws(SyrinxError) -> AdminSocket? {
        guard let path = options.adminSocket else { return nil }
        do {
            return try AdminSocket(path: path)
        } catch {
            guard options.adminSocketIsOptional else { throw error }
            options.logger.warning("no admin socket", metadata: ["path": "\(path)", "error": "\(error)"])
            return nil
        }
    }
}
