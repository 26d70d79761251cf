// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A server on the loopback that does what a script says, byte for byte.
final class RawServer: Sendable {
    private let channel: any Channel
    let connections: Watched<[ServerConnection]>

    var port: Int { channel.localAddress?.port ?? 0 }

    /// - Parameter script: runs for each connection; its index counts from 0. When it returns the connection is closed.
    init(
        tls: NIOSSLContext? = nil, host: String = "127.0.0.1",
        script: @escaping @Sendable (ServerConnection) async throws -> Void
    ) async throws {
        let connections = Watched<[ServerConnection]>([])
        self.connections = connections
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(ChannelOptions.backlog, value: 1024)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: tls == nil)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    let connection = ServerConnection(channel, index: connections.value.count)
                    try channel.pipeline.syncOperations.addHandler(ServerConnection.Handler(connection))
                    connections.update { $0.append(connection) }
                    Task {
                        try? await script(connection)
                        connection.close()
                    }
                }
            }
            .bind(host: host, port: 0).get()
    }

    func stop() {
        channel.close(promise: nil)
        for connection in connections.value { connection.close() }
    }

    /// Nobody listens any more.
    func closed() async throws { try await channel.closeFuture.get() }
}

/// The server's side of one connection.
final class ServerConnection: Sendable {
    struct Input: Sendable {
        var bytes: [UInt8] = []
        var total = 0
        var isOver = false
    }

    let channel: any Channel
    let index: Int
    let input = Watched(Input())

    init(_ channel: any Channel, index: Int) {
        self.channel = channel
        self.index = index
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    func close() { channel.close(promise: nil) }

    /// Ends the connection with RST.
    func reset() async throws {
        let options = channel as? any SocketOptionProvider
        try await options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        // Without TLS's goodbye.
        try await channel.eventLoop.submit { [channel] in
            let operations = channel.pipeline.syncOperations
            guard let tls = try? operations.context(handlerType: NIOSSLServerHandler.self) else {
                return channel.close(promise: nil)
            }
            tls.close(promise: nil)
        }.get()
        try await channel.closeFuture.get()
    }

    func setReading(_ on: Bool) async throws { try await channel.setOption(ChannelOptions.autoRead, value: on).get() }

    /// Everything up to the end of a head.
    func head() async throws -> String {
        try await input.until("request head") { input in
            let end = Array("\r\n\r\n".utf8)
            guard input.bytes.count >= 4 else { return nil }
            for index in 0...(input.bytes.count - 4) where Array(input.bytes[index..<(index + 4)]) == end {
                defer { input.bytes.removeFirst(index + 4) }
                return String(decoding: input.bytes.prefix(index + 4), as: UTF8.self)
            }
            return nil
        }
    }

    func bytes(_ count: Int) async throws -> [UInt8] {
        try await input.until("\(count) bytes") { input in
            guard input.bytes.count >= count else { return nil }
            defer { input.bytes.removeFirst(count) }
            return Array(input.bytes.prefix(count))
        }
    }

    /// The client has closed.
    func over() async throws {
        _ = try await input.until("end of the connection") { $0.isOver ? true : nil }
    }

    final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let connection: ServerConnection

        init(_ connection: ServerConnection) { self.connection = connection }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(unwrapInboundIn(data).readableBytesView)
            connection.input.update {
                $0.bytes += bytes
                $0.total += bytes.count
            }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { connection.input.update { $0.isOver = true } }
        }

        func channelInactive(context: ChannelHandlerContext) { connection.input.update { $0.isOver = true } }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
