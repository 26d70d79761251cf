// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import SyrinxCore

/// Reads the HTTP answer that came instead of a WebSocket: a problem document (RFC 9457) becomes its error.
final class TalkRefusalHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private static let largestBody = 65_536

    private let promise: EventLoopPromise<SyrinxError>
    private var status = HTTPResponseStatus.ok
    private var body: [UInt8] = []

    private init(_ promise: EventLoopPromise<SyrinxError>) { self.promise = promise }

    static func add(to channel: any Channel) throws -> EventLoopFuture<SyrinxError> {
        let promise = channel.eventLoop.makePromise(of: SyrinxError.self)
        try channel.pipeline.syncOperations.addHandler(TalkRefusalHandler(promise))
        return promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status
        case .body(let bytes):
            guard body.count + bytes.readableBytes <= Self.largestBody else { return finish(context) }
            body += bytes.readableBytesView
        case .end: finish(context)
        }
    }

    /// Without a body that ends, what came so far must do.
    func channelInactive(context: ChannelHandlerContext) {
        promise.succeed(error)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { finish(context) }

    private func finish(_ context: ChannelHandlerContext) {
        promise.succeed(error)
        context.close(promise: nil)
    }

    private var error: SyrinxError {
        guard let problem = try? JSONValue(parsing: body), let code = problem["code"]?.string else {
            return SyrinxError(
                "client.not_syrinx", "the server answered \(status.code) \(status.reasonPhrase) instead of a WebSocket",
                fix: "is it Syrinx that listens there? check --url")
        }
        return SyrinxError(
            code, problem["title"]?.string ?? status.reasonPhrase, fix: problem["fix"]?.string,
            place: problem["place"]?.string, retryable: problem["retry_after"] != nil)
    }
}
