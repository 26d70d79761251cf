// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import SyrinxServer

@Suite("Answers that nobody reads", .tags(.integration))
struct UnreadAnswerTests {
    @Test(.timeLimit(.minutes(2))) func `end their connection after a while`() async throws {
        let (ended, end) = AsyncStream<Void>.makeStream()
        let listener = try await listen(unreadFor: .milliseconds(200)) { end.finish() }
        let peer = try await Connection.open(port: listener.localAddress?.port ?? 0, isTight: true)
        try await peer.stopReading()
        await peer.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        for await _ in ended {}
        await peer.close()
        try await listener.close()
    }

    private func listen(unreadFor time: TimeAmount, ended: @escaping @Sendable () -> Void) async throws -> any Channel {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.closeFuture.whenComplete { _ in ended() }
                return channel.eventLoop.makeCompletedFuture {
                    let outcome = channel.eventLoop.makePromise(of: TalkChannel.HTTPStream?.self)
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandlers([HTTPResponseEncoder(), ByteToMessageHandler(HTTPRequestDecoder())])
                    try pipeline.addHandler(
                        UpgradeGate(doors: [], outcome: outcome, unreadFor: time) { channel in
                            try channel.pipeline.syncOperations.addHandler(Talkative())
                            return try TalkChannel.HTTPStream(wrappingChannelSynchronously: channel)
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}

/// Answers with more than a connection holds.
private final class Talkative: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        let head = HTTPResponseHead(version: .http1_1, status: .ok)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let piece = ByteBuffer(repeating: 7, count: 1 << 20)
        for _ in 0..<32 { context.write(wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil) }
        context.flush()
    }
}
