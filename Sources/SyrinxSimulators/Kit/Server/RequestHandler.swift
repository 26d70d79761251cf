// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// The requests of one connection, one after another; of HTTP/2 the one request of a stream.
final class RequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let core: SimulatorCore
    private let dripper: Dripper?
    private let isHTTP2: Bool
    /// An upgrade that was looked at already, and refused.
    var decided: WireOpening?
    private var request: SimulatedRequest?
    private var stream: SimulatedStream?
    private var isStreaming = false
    private var isTooLarge = false
    private var isKept = true

    init(_ core: SimulatorCore, dripper: Dripper?, isHTTP2: Bool) {
        self.core = core
        self.dripper = dripper
        self.isHTTP2 = isHTTP2
    }

    static func request(_ head: HTTPRequestHead, _ core: SimulatorCore, isHTTP2: Bool) -> SimulatedRequest {
        SimulatedRequest(
            method: head.method.rawValue, target: head.uri, headers: head.headers.map { ($0.name, $0.value) },
            connection: core.nextConnection(), isHTTP2: isHTTP2)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(context, head)
        case .body(let part): take(part)
        case .end: finish(context)
        }
    }

    private func begin(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        isTooLarge = false
        // Behind an upgrade that was refused nothing on the connection is upgraded any more.
        isKept = isHTTP2 || head.isKeepAlive && decided == nil
        let request = decided?.request ?? Self.request(head, core, isHTTP2: isHTTP2)
        isStreaming = core.simulator.streamsBody(request)
        self.request = request
        if head.headers.contains(name: "expect") {
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
        if isStreaming { answer(context, request) }
    }

    private func take(_ part: ByteBuffer) {
        if isStreaming {
            stream?.receive(Array(part.readableBytesView), isLast: false)
        } else if let size = request?.body.count, size + part.readableBytes <= SimulatedRequest.maximumBody {
            request?.body.append(contentsOf: part.readableBytesView)
        } else {
            isTooLarge = true
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard let request else { return }
        self.request = nil
        if isStreaming {
            stream?.receive([], isLast: true)
        } else {
            answer(context, request)
        }
    }

    private func answer(_ context: ChannelHandlerContext, _ request: SimulatedRequest) {
        var opening = decided ?? core.decide(request)
        decided = nil
        if isTooLarge {
            opening.response = core.refusal(SimulatedFailure(status: 413, message: "the body is too large"), request)
        }
        if !isKept, !isHTTP2 { opening.response = opening.response?.adding("connection", "close") }
        let stream = SimulatedStream(opening, channel: context.channel, dripper: dripper, isLast: !isKept)
        self.stream = stream
        switch opening.fate {
        case .cut: return stream.hangUp(isReset: false)
        case .reset: return stream.hangUp(isReset: true)
        case .silence: return
        case nil: respond(stream, opening)
        }
    }

    private func respond(_ stream: SimulatedStream, _ opening: WireOpening) {
        switch opening.response {
        case .whole(let status, let headers, let body):
            // Without a length where faults may change it.
            let length = core.settings.faults.faults.isEmpty ? [("content-length", "\(body.count)")] : []
            stream.open(status: status, headers: headers + length, after: opening.delay, with: opening.actions)
            if !body.isEmpty { stream.send(body, at: "response") }
            stream.finish()
        case .stream(let status, let headers, let body):
            stream.open(status: status, headers: headers, after: opening.delay, with: opening.actions)
            body(stream)
        case .socket, nil: stream.hangUp(isReset: false)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        stream?.ended("the client went")
        stream = nil
        context.fireChannelInactive()
    }

    /// An upgrade that is refused is told as an error first, and then given here as a request.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !(error is NIOWebSocketUpgradeError) { context.close(promise: nil) }
    }
}
