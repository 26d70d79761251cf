// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket
internal import SyrinxRuntime

/// Where WebSockets of one path lead.
protocol SocketDoor: Sendable {
    /// Bytes of one message.
    var maxMessage: Int { get }

    func matches(_ uri: String) -> Bool
    /// Lets a handshake in, or says why not: then the future fails with a `SyrinxError`.
    func open(_ head: HTTPRequestHead, peer: SocketAddress?, on loop: any EventLoop) -> EventLoopFuture<AcceptedSocket>
}

/// A socket on its way into the pipeline of its own event loop.
struct AcceptedSocket: Sendable {
    private let bound: LoopBound<SocketHandler>
    /// Of the answer to the handshake.
    let headers: [(String, String)]

    init(handler: SocketHandler, headers: [(String, String)] = []) {
        bound = LoopBound(handler)
        self.headers = headers
    }

    var handler: SocketHandler { bound.value }
}

/// Turns an HTTP connection into a WebSocket.
enum SocketPipeline {
    /// Replaces the HTTP handlers by the WebSocket's; bytes that came early are not lost.
    static func become(_ channel: any Channel, _ socket: SocketHandler, gate: UpgradeGate) throws {
        let pipeline = channel.pipeline.syncOperations
        let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
        let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
        pipeline.removeHandler(context: encoder, promise: nil)
        try pipeline.addHandler(WebSocketFrameEncoder())
        try pipeline.addHandler(socket)
        pipeline.removeHandler(gate, promise: nil)
        // Last, since it hands on what it has read beyond the handshake: a read like any other, with an end.
        let removed = channel.eventLoop.makePromise(of: Void.self)
        removed.futureResult.whenComplete { _ in channel.pipeline.fireChannelReadComplete() }
        pipeline.removeHandler(context: decoder, promise: removed)
    }
}
