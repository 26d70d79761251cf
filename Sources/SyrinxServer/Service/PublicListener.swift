// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import ServiceLifecycle
internal import SyrinxRuntime

/// The one port for callers: HTTP and WebSocket.
struct PublicListener {
    private let options: ServerOptions
    private let parts: ServerParts

    init(_ options: ServerOptions, _ parts: ServerParts) {
        self.options = options
        self.parts = parts
    }

    /// - Parameter inherited: takes the connections where the socket was passed on; the framework's own listener then
    ///   has a place that nobody can reach.
    func application(
        _ inherited: InheritedListener?, _ onListening: @escaping @Sendable (Int) async -> Void
    ) -> some Service {
        let (doors, connections): ([any SocketDoor], ConnectionLedger) = (sockets, connections)
        let routed = TenantPathResponder(next: routes.router().buildResponder())
        return Application(
            responder: DoorResponder(next: routed, desk: parts.doors, loops: options.group),
            server: HTTPServerBuilder { responder in
                let talk = TalkChannel(responder: responder, doors: doors, connections: connections)
                inherited?.open(talk)
                return talk
            },
            // A storm of callers waits in the kernel rather than being reset; it takes what net.core.somaxconn allows.
            configuration: .init(
                address: inherited == nil ? .hostname(options.host, port: options.port) : Self.nowhere,
                serverName: "syrinx", backlog: 4096),
            onServerRunning: { channel in
                guard let inherited else { return await onListening(channel.localAddress?.port ?? 0) }
                if let path = channel.localAddress?.pathname { unlink(path) }
                await inherited.ready.wait()
                await onListening(inherited.port)
            },
            eventLoopGroupProvider: .shared(options.group), logger: options.quietLogger)
    }

    /// A socket's file, which is removed as soon as it is there.
    private static var nowhere: BindAddress {
        .unixDomainSocket(path: NSTemporaryDirectory() + "syrinx-\(SessionID.random()).sock")
    }

    /// What the router knows, for whoever compares it with its description.
    var knownRoutes: [(method: String, path: String)] { routes.router().knownRoutes }

    private var routes: Routes {
        Routes(
            manager: parts.manager, policies: parts.policies, gate: parts.gate, outlets: parts.outlets,
            health: parts.health, status: parts.status, load: parts.load, doors: parts.doors, loops: options.group,
            maxBody: options.maxBody)
    }

    private var sockets: [any SocketDoor] {
        [talk, realtime, PluginSocketDoor(desk: parts.doors, maxMessage: options.maxMessage)]
    }

    private var realtime: RealtimeDoor {
        RealtimeDoor(manager: parts.manager, gate: parts.gate, policies: parts.policies, outlets: parts.outlets)
    }

    private var talk: TalkDoor {
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
