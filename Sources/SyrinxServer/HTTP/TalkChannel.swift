// SPDX-License-Identifier: Apache-2.0

internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1

/// A connection of the one port: HTTP for the router, or a session's WebSocket.
///
/// Nothing is read before `setup` has finished, so what the connection becomes is a future inside its value.
struct TalkChannel: ServerChildChannel, HTTPChannelHandler {
    typealias HTTPStream = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        /// Nil = a session, which needs nothing from here any more.
        let http: EventLoopFuture<HTTPStream?>
    }

    let responder: HTTPChannelHandler.Responder
    let doors: [any SocketDoor]
    let connections: ConnectionLedger

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let http = channel.eventLoop.makePromise(of: HTTPStream?.self)
        guard connections.enter(channel) else {
            http.fail(ChannelError.eof)
            return channel.close(mode: .all).map { Value(channel: channel, http: http.futureResult) }
        }
        let gate = UpgradeGate(doors: doors, outcome: http) { try Self.becomeHTTP($0, logger) }
        return channel.eventLoop.makeCompletedFuture {
            do {
                let pipeline = channel.pipeline.syncOperations
                // What a hasty client sends behind its handshake belongs to the WebSocket.
                let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)
                try pipeline.addHandlers([HTTPResponseEncoder(), ByteToMessageHandler(decoder)])
                try pipeline.addHandler(gate)
            } catch {
                http.fail(error)
                throw error
            }
            return Value(channel: channel, http: http.futureResult)
        }
    }

    private static func becomeHTTP(_ channel: any Channel, _ logger: Logger) throws -> HTTPStream {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: .seconds(60), logger: logger))
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    func handle(value: Value, logger: Logger) async {
        guard let stream = try? await value.http.get() else {
            try? await value.channel.closeFuture.get()
            return
        }
        await handleHTTP(asyncChannel: stream, logger: logger)
    }
}
