// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket
internal import SyrinxCore
internal import SyrinxRuntime

/// Stands behind the HTTP decoder and reads each request's head. A WebSocket for one of the doors becomes a session here,
/// before anything is promised to the client: refused with a problem document, or answered 101 with the session ready.
/// Everything else goes on to the router.
///
/// NIO's own upgrade handler loses requests that ask for an upgrade and do not get it (`Upgrade: h2c`), and its decoder
/// stops after any such request; so such a request loses the header here, and its connection closes after the answer.
final class UpgradeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case first
        /// A handshake's head is there. Its end must come first: the decoder still holds it.
        case handshake(HTTPRequestHead, any SocketDoor)
        case deciding, http, done
    }

    private let doors: [any SocketDoor]
    private let outcome: EventLoopPromise<TalkChannel.HTTPStream?>
    private let unreadFor: TimeAmount
    private let becomeHTTP: (any Channel) throws -> TalkChannel.HTTPStream
    private var state = State.first
    private var timeout: Scheduled<Void>?
    /// For an answer that is not read.
    private var patience: Scheduled<Void>?

    /// - Parameters:
    ///   - outcome: the HTTP stream that the connection became, nil for a session.
    ///   - unreadFor: an answer of HTTP that is not read ends the connection.
    ///   - becomeHTTP: adds what a plain HTTP connection needs, behind this handler.
    init(
        doors: [any SocketDoor], outcome: EventLoopPromise<TalkChannel.HTTPStream?>,
        unreadFor: TimeAmount = .seconds(120), becomeHTTP: @escaping (any Channel) throws -> TalkChannel.HTTPStream
    ) {
        self.doors = doors
        self.outcome = outcome
        self.unreadFor = unreadFor
        self.becomeHTTP = becomeHTTP
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // A peer that never finishes its first head must not hold a connection.
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(10)) { context.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timeout?.cancel()
        patience?.cancel()
    }

    /// A peer that does not read its answers must not hold a connection: the router's own time does not run while it
    /// answers.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        patience?.cancel()
        if case .http = state, !context.channel.isWritable {
            patience = context.eventLoop.assumeIsolated().scheduleTask(in: unreadFor) { context.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timeout?.cancel()
        patience?.cancel()
        switch state {
        case .first, .handshake, .deciding: outcome.fail(ChannelError.eof)
        case .http, .done: break
        }
        state = .done
        context.fireChannelInactive()
    }

    /// A peer that has stopped sending before its head was complete waits for nothing.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .http = state else {
            // The server ends: who has not asked yet will not be answered any more.
            let isOver = event is ChannelShouldQuiesceEvent || event as? ChannelEvent == .inputClosed
            return isOver ? context.close(promise: nil) : ()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch state {
        case .first, .handshake:
            let fix = "speak HTTP/1.1, or ws:// for `/v1/talk`"
            refuse(SyrinxError("request.invalid", "this is no HTTP request: \(error)", fix: fix), context)
        case .http: context.fireErrorCaught(error)
        case .deciding, .done: context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch (state, part) {
        case (.first, .head(let head)):
            if isWebSocket(head), let door = doors.first(where: { $0.matches(head.uri) }) {
                state = .handshake(head, door)
            } else {
                goOn(with: head, context)
            }
        case (.handshake(let head, let door), .end):
            state = .deciding
            decide(head, door, context)
        case (.http, .head(let head)):
            awaitEnd(context)
            context.fireChannelRead(wrapInboundOut(.head(withoutUpgrade(head))))
        case (.http, .end):
            timeout?.cancel()
            context.fireChannelRead(data)
        case (.http, _): context.fireChannelRead(data)
        case (.first, _), (.handshake, _), (.deciding, _), (.done, _): break
        }
    }

    private func isWebSocket(_ head: HTTPRequestHead) -> Bool {
        let names = { (field: String, word: String) in
            head.headers[canonicalForm: field].contains { $0.lowercased() == word }
        }
        return head.method == .GET && names("upgrade", "websocket") && names("connection", "upgrade")
    }

    // MARK: plain HTTP

    private func goOn(with head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        state = .http
        awaitEnd(context)
        do {
            outcome.succeed(try becomeHTTP(context.channel))
        } catch {
            state = .done
            outcome.fail(error)
            return context.close(promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(.head(withoutUpgrade(head))))
    }

    /// A body that comes byte by byte must not hold a connection either: a request has this long from its head to its
    /// end.
    private func awaitEnd(_ context: ChannelHandlerContext) {
        timeout?.cancel()
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(30)) { context.close(promise: nil) }
    }

    private func withoutUpgrade(_ head: HTTPRequestHead) -> HTTPRequestHead {
        guard head.headers.contains(name: "upgrade") || head.method == .CONNECT else { return head }
        var head = head
        head.headers.remove(name: "upgrade")
        head.headers.replaceOrAdd(name: "connection", value: "close")
        return head
    }

    // MARK: a session

    private func decide(_ head: HTTPRequestHead, _ door: any SocketDoor, _ context: ChannelHandlerContext) {
        let handshake = NIOWebSocketServerUpgrader(
            maxFrameSize: door.maxMessage, shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        // Nothing is reserved for a handshake that will be refused.
        handshake.buildUpgradeResponse(channel: context.channel, upgradeRequest: head, initialResponseHeaders: [:])
            .flatMapErrorThrowing { _ in
                // Wrong version or key: RFC 6455 4.2.1.
                throw SyrinxError(
                    "request.handshake_invalid", "the WebSocket handshake is not valid",
                    fix: "send Sec-WebSocket-Version 13 and a Sec-WebSocket-Key of 16 bytes")
            }
            .flatMap { [loop = context.eventLoop, peer = context.channel.remoteAddress] headers in
                door.open(head, peer: peer, on: loop).map { (headers, $0) }
            }
            .assumeIsolated()
            .whenComplete { [self] result in
                switch (state, result) {
                case (.deciding, .success(let (headers, socket))): accept(headers, socket, context)
                case (.deciding, .failure(let error)): refuse(error, context)
                // The peer has left meanwhile.
                case (_, .success(let (_, socket))): socket.handler.abandon(context.eventLoop)
                case (_, .failure): break
                }
            }
    }

    private func accept(_ headers: HTTPHeaders, _ socket: AcceptedSocket, _ context: ChannelHandlerContext) {
        state = .done
        timeout?.cancel()
        var headers = headers
        headers.add(contentsOf: socket.headers)
        let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        do {
            try SocketPipeline.become(context.channel, socket.handler, gate: self)
            outcome.succeed(nil)
        } catch {
            socket.handler.abandon(context.eventLoop)
            outcome.fail(error)
            context.close(promise: nil)
        }
    }

    private func refuse(_ error: any Error, _ context: ChannelHandlerContext) {
        state = .done
        if let reply = error as? DoorReply {
            return answer(reply.status, HTTPHeaders(reply.headers), reply.body, context)
        }
        let error = error as? SyrinxError ?? SyrinxError("server.internal", String(describing: error))
        var headers = HTTPHeaders([("content-type", Problem.contentType)])
        if let seconds = Problem.retryAfter(error) { headers.add(name: "retry-after", value: "\(seconds)") }
        if let challenge = Problem.challenge(error) { headers.add(name: "www-authenticate", value: challenge) }
        answer(Problem.status(error), headers, Problem.json(error).text, context)
    }

    private func answer(_ status: Int, _ headers: HTTPHeaders, _ text: String, _ context: ChannelHandlerContext) {
        let body = context.channel.allocator.buffer(string: text)
        var headers = headers
        headers.add(name: "content-length", value: "\(body.readableBytes)")
        headers.add(name: "connection", value: "close")
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        outcome.succeed(nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }
}
