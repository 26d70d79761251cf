// SPDX-License-Identifier: Apache-2.0

internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1

/// A connection of the one port: HTTP for the router, or a session's WebSocket.
struct TalkChannel: ServerChildChannel, HTTPChannelHandler {
    enum Value: ServerChildChannelValue {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case talk(any Channel)

        var channel: any Channel {
            switch self {
            case .http(let channel): channel.channel
            case .talk(let channel): channel
            }
        }
    }

    let responder: HTTPChannelHandler.Responder
    let door: TalkDoor

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let outcome = channel.eventLoop.makePromise(of: UpgradeGate.Outcome.self)
        let value = channel.eventLoop.makePromise(of: Value.self)
        // Filled in when the connection turns out to be HTTP, on the loop.
        let http = LoopBox<NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>>()
        let gate = UpgradeGate(door: door, outcome: outcome) { channel in
            http.value = try Self.becomeHTTP(channel, logger)
        }
        do {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false)
            try pipeline.addHandler(gate)
        } catch {
            outcome.fail(error)
        }
        outcome.futureResult.assumeIsolated().whenComplete { result in
            value.completeWith(result.map { _ in http.value.map(Value.http) ?? .talk(channel) })
        }
        return value.futureResult
    }

    private static func becomeHTTP(
        _ channel: any Channel, _ logger: Logger
    ) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: .seconds(60), logger: logger))
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    func handle(value: Value, logger: Logger) async {
        switch value {
        case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
        case .talk(let channel): try? await channel.closeFuture.get()
        }
    }
}

/// A variable of one event loop.
private final class LoopBox<Value>: @unchecked Sendable {
    var value: Value?
}
