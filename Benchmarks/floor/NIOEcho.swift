// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// The floor: what SwiftNIO itself needs to echo WebSocket messages.
///
/// Its own codec, its stock upgrader and one handler on one event loop. Whatever Syrinx costs above this is Syrinx's own.
@main
struct NIOEcho {
    static func main() throws {
        let options = try Options(CommandLine.arguments.dropFirst())
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try bootstrap(on: group, raw: options.raw)
            .bind(host: options.host, port: options.port)
            .wait()
        try server.closeFuture.wait()
    }

    private static func bootstrap(on group: MultiThreadedEventLoopGroup, raw: Bool) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline(
                    withServerUpgrade: (upgraders: [upgrader(raw: raw)], completionHandler: { _ in })
                )
            }
    }

    private static func upgrader(raw: Bool) -> NIOWebSocketServerUpgrader {
        NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    // First in line, the raw handler takes the bytes before the codec sees them.
                    try raw
                        ? pipeline.addHandler(RawEchoHandler(), position: .first)
                        : pipeline.addHandler(CodecEchoHandler())
                }
            }
        )
    }
}
