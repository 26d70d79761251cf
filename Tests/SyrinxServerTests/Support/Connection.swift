// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix

/// A TCP connection with nothing between the test and the bytes.
final class Connection: Sendable {
    private let channel: any Channel
    private let inbox: Inbox

    private init(_ channel: any Channel, _ inbox: Inbox) {
        self.channel = channel
        self.inbox = inbox
    }

    /// - Parameter isTight: the kernel keeps as little as it can for a client that does not read.
    static func open(port: Int, isTight: Bool = false) async throws -> Connection {
        let inbox = Inbox()
        var bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
        if isTight { bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: 4_096) }
        let channel =
            try await bootstrap
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(InboxHandler(inbox))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return Connection(channel, inbox)
    }

    /// Fails silently when the peer has gone: what the peer then did is the test's question, not this.
    func send(_ bytes: [UInt8]) async {
        try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// The next bytes; empty = the peer has closed.
    /// - Throws: `Inbox.TimedOut`.
    func read(within limit: Duration) async throws -> [UInt8] {
        try await inbox.take(within: limit, on: channel.eventLoop)
    }

    func close() async { try? await channel.close().get() }

    /// Ends the connection as a crashed client does: RST instead of FIN.
    /// A server that has hung up before leaves nothing to do.
    func abort() async throws {
        let socket = channel as? any SocketOptionProvider
        try? await socket?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try? await channel.close().get()
    }

    /// From now on nothing is read, until `startReading`.
    func stopReading() async throws {
        ServerSocket.shrink(towards: channel.localAddress?.port ?? 0)
        try await channel.setOption(.autoRead, value: false).get()
    }

    func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
        channel.read()
    }
}

private final class InboxHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let inbox: Inbox

    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        inbox.add(unwrapInboundIn(data).readableBytesView)
    }

    func channelInactive(context: ChannelHandlerContext) { inbox.end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
