// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHPACK
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL

/// A server of HTTP/2 over TLS on the loopback; a script runs for each stream.
final class H2Server: Sendable {
    private let channel: any Channel
    let connections: Watched<[any Channel]>
    let streams: Watched<[H2Stream]>

    var port: Int { channel.localAddress?.port ?? 0 }

    init(
        protocols: [String] = ["h2"], maxStreams: Int = 100,
        script: @escaping @Sendable (H2Stream) async throws -> Void
    ) async throws {
        let connections = Watched<[any Channel]>([])
        let streams = Watched<[H2Stream]>([])
        (self.connections, self.streams) = (connections, streams)
        let context = try Certificates.shared.get().serverContext(protocols: protocols)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let operations = channel.pipeline.syncOperations
                    try operations.addHandler(NIOSSLServerHandler(context: context))
                    var configuration = NIOHTTP2Handler.ConnectionConfiguration()
                    configuration.initialSettings = [
                        HTTP2Setting(parameter: .maxConcurrentStreams, value: maxStreams)
                    ]
                    _ = try operations.configureHTTP2Pipeline(
                        mode: .server, connectionConfiguration: configuration, streamConfiguration: .init()
                    ) { stream in
                        stream.eventLoop.makeCompletedFuture {
                            let one = H2Stream(stream)
                            try stream.pipeline.syncOperations.addHandler(H2Stream.Handler(one))
                            streams.update { $0.append(one) }
                            Task {
                                try? await script(one)
                            }
                        }
                    }
                    connections.update { $0.append(channel) }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func stop() {
        channel.close(promise: nil)
        for connection in connections.value { connection.close(promise: nil) }
    }
}

/// The server's side of one stream.
final class H2Stream: Sendable {
    struct Input: Sendable {
        var headers: HPACKHeaders?
        var bytes: [UInt8] = []
        var isComplete = false
        var isOver = false
    }

    let channel: any Channel
    let input = Watched(Input())

    init(_ channel: any Channel) { self.channel = channel }

    func headers() async throws -> HPACKHeaders { try await input.until("request headers") { $0.headers } }

    func bytes(_ count: Int) async throws -> [UInt8] {
        try await input.until("\(count) bytes") { input in
            guard input.bytes.count >= count else { return nil }
            defer { input.bytes.removeFirst(count) }
            return Array(input.bytes.prefix(count))
        }
    }

    func complete() async throws {
        _ = try await input.until("end of the request") { $0.isComplete ? true : nil }
    }

    func respond(_ status: Int, _ headers: [(String, String)] = [], isLast: Bool = false) async throws {
        let all = HPACKHeaders([(":status", "\(status)")] + headers)
        try await write(.headers(.init(headers: all, endStream: isLast)))
    }

    func send(_ bytes: [UInt8], isLast: Bool = false) async throws {
        try await write(.data(.init(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: isLast)))
    }

    func reset(_ code: HTTP2ErrorCode) async throws { try await write(.rstStream(code)) }

    func write(_ payload: HTTP2Frame.FramePayload) async throws { try await channel.writeAndFlush(payload).get() }

    /// Says that streams up to this number are served, and no more.
    func goAway(lastStream: HTTP2StreamID) async throws {
        guard let connection = channel.parent else { return }
        let frame = HTTP2Frame(
            streamID: .rootStream, payload: .goAway(lastStreamID: lastStream, errorCode: .noError, opaqueData: nil))
        try await connection.writeAndFlush(frame).get()
    }

    final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame.FramePayload

        private let stream: H2Stream

        init(_ stream: H2Stream) { self.stream = stream }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let payload = unwrapInboundIn(data)
            stream.input.update { input in
                switch payload {
                case .headers(let frame):
                    input.headers = frame.headers
                    if frame.endStream { input.isComplete = true }
                case .data(let frame):
                    if case .byteBuffer(let buffer) = frame.data { input.bytes += Array(buffer.readableBytesView) }
                    if frame.endStream { input.isComplete = true }
                default: break
                }
            }
        }

        func channelInactive(context: ChannelHandlerContext) { stream.input.update { $0.isOver = true } }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
