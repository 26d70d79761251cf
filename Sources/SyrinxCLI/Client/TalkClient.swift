// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOWebSocket
package import SyrinxCore

/// The caller's end of `/v1/talk`. Both directions are bounded: a slow reader stops the socket, a slow socket makes
/// `write` wait.
///
///     let client = try await TalkClient.connect(try TalkTarget(url: "ws://127.0.0.1:8080"))
///     try await client.talk { inbound, outbound in … }
package struct TalkClient: Sendable {
    package typealias Inbound = NIOAsyncChannelInboundStream<TalkMessage>
    package typealias Outbound = NIOAsyncChannelOutboundWriter<TalkSend>

    private static let largestMessage = 1 << 20

    private let channel: NIOAsyncChannel<TalkMessage, TalkSend>

    /// - Throws: `client.*`, or the server's own refusal with its code.
    package static func connect(
        _ target: TalkTarget, on group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
    ) async throws(SyrinxError) -> TalkClient {
        do {
            let outcome = try await ClientBootstrap(group: group)
                .connectTimeout(.seconds(5))
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .connect(host: target.host, port: target.port) { channel in upgrade(channel, target) }
            switch try await outcome.get() {
            case .talking(let channel): return TalkClient(channel: channel)
            case .refused(let refusal): throw try await refusal.get()
            }
        } catch {
            throw TalkFailure.error(error, target)
        }
    }

    /// Lends both directions to `body`; the connection closes when it returns.
    package func talk<Answer: Sendable>(
        _ body: @Sendable (Inbound, Outbound) async throws -> Answer
    ) async throws -> Answer {
        try await channel.executeThenClose(body)
    }

    private enum Outcome: Sendable {
        case talking(NIOAsyncChannel<TalkMessage, TalkSend>)
        case refused(EventLoopFuture<SyrinxError>)
    }

    private static func upgrade(
        _ channel: any Channel, _ target: TalkTarget
    ) -> EventLoopFuture<EventLoopFuture<Outcome>> {
        channel.eventLoop.makeCompletedFuture {
            let upgrader = NIOTypedWebSocketClientUpgrader<Outcome>(maxFrameSize: largestMessage) { channel, _ in
                channel.eventLoop.makeCompletedFuture { .talking(try wrap(channel)) }
            }
            var headers = HTTPHeaders([("Host", target.authority), ("User-Agent", "syrinx/\(SyrinxVersion.current)")])
            if let key = target.key { headers.add(name: "Authorization", value: "Bearer \(key)") }
            let configuration = NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: HTTPRequestHead(version: .http1_1, method: .GET, uri: target.uri, headers: headers),
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    channel.eventLoop.makeCompletedFuture { .refused(try TalkRefusalHandler.add(to: channel)) }
                })
            var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
            // The server greets in the same segment as its 101; NIO would drop what follows the head.
            pipeline.leftOverBytesStrategy = .forwardBytes
            return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
        }
    }

    private static func wrap(_ channel: any Channel) throws -> NIOAsyncChannel<TalkMessage, TalkSend> {
        try channel.pipeline.syncOperations.addHandler(TalkFrameHandler())
        // Room for a few seconds of audio: reading must not stop for a line that is being printed.
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: .init(backPressureStrategy: .init(lowWatermark: 128, highWatermark: 512)))
    }
}
