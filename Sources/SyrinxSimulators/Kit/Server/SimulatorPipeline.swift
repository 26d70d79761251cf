// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import NIOSSL
internal import NIOWebSocket

/// The handlers of a connection: TLS where there is any, then HTTP/2, or HTTP/1.1 and what it is upgraded to.
struct SimulatorPipeline: Sendable {
    let core: SimulatorCore
    let tls: NIOSSLContext?

    func configure(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let tls else { return configureHTTP1(channel) }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
        }.flatMap {
            channel.configureHTTP2SecureUpgrade(
                h2ChannelConfigurator: configureHTTP2, http1ChannelConfigurator: configureHTTP1)
        }
    }

    private func configureHTTP2(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.configureHTTP2Pipeline(mode: .server) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandlers(
                    HTTP2FramePayloadToHTTP1ServerCodec(), RequestHandler(core, dripper: nil, isHTTP2: true))
            }
        }.map { _ in }
    }

    private func configureHTTP1(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let dripper = Dripper()
            let handler = RequestHandler(core, dripper: dripper, isHTTP2: false)
            let upgrade = SocketUpgrade(core: core, handler: handler, dripper: dripper)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(dripper)
            let bound = NIOLoopBound(upgrade, eventLoop: channel.eventLoop)
            let upgrader = NIOWebSocketServerUpgrader(
                maxFrameSize: SocketHandler.maximumMessage, automaticErrorHandling: true,
                shouldUpgrade: { channel, head in bound.value.decide(channel, head) },
                upgradePipelineHandler: { channel, _ in bound.value.open(channel) })
            try pipeline.configureHTTPServerPipeline(
                withServerUpgrade: (
                    upgraders: [upgrader],
                    completionHandler: { context in
                        context.pipeline.syncOperations.removeHandler(bound.value.handler, promise: nil)
                    }
                ))
            try pipeline.addHandler(handler)
        }
    }
}

/// The step from HTTP/1.1 to a WebSocket: the simulator is asked once, before.
private final class SocketUpgrade {
    let core: SimulatorCore
    let handler: RequestHandler
    let dripper: Dripper
    private var opening: WireOpening?

    init(core: SimulatorCore, handler: RequestHandler, dripper: Dripper) {
        self.core = core
        self.handler = handler
        self.dripper = dripper
    }

    /// The headers of the upgrade; nil = an ordinary answer, which the handler gives.
    func decide(_ channel: any Channel, _ head: HTTPRequestHead) -> EventLoopFuture<HTTPHeaders?> {
        let opening = core.decide(RequestHandler.request(head, core, isHTTP2: false))
        guard opening.fate == nil, case .socket(let headers, _)? = opening.response else {
            handler.decided = opening
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        self.opening = opening
        let answer = HTTPHeaders(headers)
        let delay = TimeAmount.milliseconds(Int64(opening.delay + core.settings.latencyMilliseconds))
        return channel.eventLoop.scheduleTask(in: delay) { answer }.futureResult
    }

    func open(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let opening, case .socket(_, let make)? = opening.response else {
            return channel.close()
        }
        return channel.eventLoop.makeCompletedFuture {
            let socket = SimulatedSocket(opening, channel: channel, dripper: dripper)
            let handler = SocketHandler(socket) { socket.open(make, with: opening.actions) }
            try channel.pipeline.syncOperations.addHandlers(
                NIOWebSocketFrameAggregator(
                    minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 100_000,
                    maxAccumulatedFrameSize: SocketHandler.maximumMessage),
                handler)
            handler.begin()
        }
    }
}
