// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A place on the loopback to post to that answers what a test says, byte for byte.
final class RawEndpoint: Sendable {
    enum Event: Sendable { case asked, closed }

    /// Fails once the connection is closed.
    typealias Send = @Sendable (String) async throws -> Void

    /// What is to be posted: a request is all there when it ends so.
    static let body = Array("{}".utf8)

    private let channel: any Channel
    /// What happened on its connections. One reader.
    let events: AsyncStream<Event>

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/hook" }

    /// - Parameter answer: runs for each request.
    init(answer: @escaping @Sendable (Send) async throws -> Void) async throws {
        let (events, told) = AsyncStream<Event>.makeStream()
        self.events = events
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RequestHandler(told, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func stop() { channel.close(promise: nil) }

    func happened(_ event: Event) async {
        for await other in events where other == event { return }
    }
}

private final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let told: AsyncStream<RawEndpoint.Event>.Continuation
    private let answer: @Sendable (RawEndpoint.Send) async throws -> Void
    private var request: [UInt8] = []

    init(
        _ told: AsyncStream<RawEndpoint.Event>.Continuation,
        _ answer: @escaping @Sendable (RawEndpoint.Send) async throws -> Void
    ) {
        self.told = told
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        request += unwrapInboundIn(data).readableBytesView
        guard request.suffix(RawEndpoint.body.count).elementsEqual(RawEndpoint.body) else { return }
        request = []
        told.yield(.asked)
        let (channel, answer) = (context.channel, answer)
        Task {
            try? await answer { text in try await channel.writeAndFlush(ByteBuffer(string: text)).get() }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { told.yield(.closed) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
