// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import ServiceLifecycle

/// The one port for callers: HTTP and WebSocket.
struct PublicListener {
    private let options: ServerOptions
    private let parts: ServerParts

    init(_ options: ServerOptions, _ parts: ServerParts) {
        self.options = options
        self.parts = parts
    }

    func application(_ onListening: @escaping @Sendable (Int) async -> Void) -> some Service {
        let (door, connections) = (door, connections)
        return Application(
            responder: TenantPathResponder(next: routes.router().buildResponder()),
            server: HTTPServerBuilder { TalkChannel(responder: $0, door: door, connections: connections) },
            // A storm of callers waits in the kernel rather than being reset; it takes what net.core.somaxconn allows.
            configuration: .init(
                address: .hostname(options.host, port: options.port), serverName: "syrinx", backlog: 4096),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            eventLoopGroupProvider: .shared(options.group), logger: options.quietLogger)
    }

    /// What the router knows, for whoever compares it with its description.
    var knownRoutes: [(method: String, path: String)] {
        routes.router().routes.map { ($0.method.rawValue, "/" + $0.path.description.drop { $0 == "/" }) }
    }

    private var routes: Routes {
        Routes(
            manager: parts.manager, policies: parts.policies, gate: parts.gate, outlets: parts.outlets,
            health: parts.health, status: parts.status, load: parts.load, maxBody: options.maxBody)
    }

    private var door: TalkDoor {
        TalkDoor(
            manager: parts.manager, gate: parts.gate, policies: parts.policies, maxMessage: options.maxMessage,
            outlets: parts.outlets, desk: ResumeDesk(policies: parts.policies, environment: parts.environment))
    }

    private var connections: ConnectionLedger {
        let ledger = ConnectionLedger(most: options.maxConnections, mostPerAddress: options.maxConnectionsPerAddress)
        HostMetrics.observe(parts.outlets.metrics, ledger)
        return ledger
    }
}
