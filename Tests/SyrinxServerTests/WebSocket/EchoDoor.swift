// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

@testable import SyrinxServer

/// The server's WebSocket, handshake to close, with nothing behind it but an echo of every message: what a suite that
/// measures WebSocket servers wants to talk to. Production has no such door.
struct EchoDoor: SocketDoor {
    let maxMessage: Int

    func matches(_ uri: String) -> Bool { true }

    func open(_ head: HTTPRequestHead, peer: SocketAddress?, on loop: any EventLoop) -> EventLoopFuture<AcceptedSocket>
    {
        loop.makeSucceededFuture(AcceptedSocket(handler: SocketHandler(owner: EchoOwner(), maxMessage: maxMessage)))
    }
}

extension SocketDoor {
    /// Listens on a free port of 127.0.0.1 until the channel is closed.
    func listen() async throws -> any Channel {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let outcome = channel.eventLoop.makePromise(of: TalkChannel.HTTPStream?.self)
                    let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandlers([HTTPResponseEncoder(), ByteToMessageHandler(decoder)])
                    try pipeline.addHandler(
                        UpgradeGate(doors: [self], outcome: outcome) { _ in throw NoHTTP() }
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}

private struct NoHTTP: Error {}

/// Reads no faster than its peer does.
private final class EchoOwner: SocketOwner {
    private weak var socket: SocketHandler?

    func opened(_ socket: SocketHandler, on loop: any EventLoop) { self.socket = socket }

    func received(binary bytes: ByteBuffer) { socket?.send(part: bytes, opcode: .binary, isLast: true) }

    func received(text: String) { socket?.send(part: ByteBuffer(string: text), opcode: .text, isLast: true) }

    var mayRead: Bool { socket?.hasRoom != false }

    func ended(_ end: SocketEnd, on loop: any EventLoop) { socket = nil }
}
