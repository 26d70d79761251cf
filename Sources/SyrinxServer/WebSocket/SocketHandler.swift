// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore
internal import NIOWebSocket
internal import SyrinxCore

/// One accepted WebSocket (RFC 6455): frames become messages for its owner, its owner's messages become frames. Pings,
/// closing, dead peers and full buffers are handled here and nowhere else.
///
/// A peer that reads slowly: messages are kept up to `messageLimit` and `byteLimit`, then the connection ends. Owners of
/// live audio look at ``hasRoom`` first and drop what would come too late.
final class SocketHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = WebSocketFrame

    private static let pingInterval = TimeAmount.seconds(10)
    /// After the second ping without an answer: a peer that has vanished is let go within 25 s of its last sign.
    private static let lastWait = TimeAmount.seconds(5)
    private static let messageLimit = 256
    private static let byteLimit = 4 << 20

    /// Nil when it has been told the end.
    private var owner: (any SocketOwner)?
    private var context: ChannelHandlerContext?
    private var frames = FrameReader()
    private var messages = MessageAssembler()
    /// The peer has said its last: a close frame, or what is none of the protocol. Whatever follows is not looked at.
    private var isDeaf = false
    private var isReading = false
    private var wantsFlush = false
    private var messagesWhileFull = 0
    private var bytesWhileFull = 0
    private var unansweredPings = 0
    private(set) var isClosing = false
    /// The newest ping that could not be answered yet; older ones need no answer (5.5.3).
    private var owedPong: ByteBuffer?
    private var owedRead = false
    private var peerHasClosed = false

    /// - Parameter maxMessage: bytes of one message of the peer.
    init(owner: any SocketOwner, maxMessage: Int) {
        self.owner = owner
        messages.limit = maxMessage
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        schedulePing(context)
        owner?.opened(self, on: context.eventLoop)
        flush()
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// The handshake will not be answered: whoever waits for this socket must not.
    func abandon(_ loop: any EventLoop) { end(.lost, loop) }

    // MARK: inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        unansweredPings = 0
        var bytes = unwrapInboundIn(data)
        while !isDeaf, let step = frames.next(&bytes) { take(messages.take(step), context) }
    }

    private func take(_ result: MessageAssembler.Result, _ context: ChannelHandlerContext) {
        switch result {
        case .binary(let bytes): if !isClosing { owner?.received(binary: bytes) }
        case .text(let text): if !isClosing { owner?.received(text: text) }
        case .ping(let bytes): answer(ping: bytes, context)
        case .close(let code): answer(close: code, context)
        case .violation(let code): refuse(code, context)
        case .pong, .more: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush()
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(isClosing ? .closedHere : .lost, context.eventLoop)
        context.fireChannelInactive()
    }

    /// The port takes half-closed connections for HTTP's sake; a WebSocket knows none: such a peer has gone.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { return context.close(promise: nil) }
        if event is ChannelShouldQuiesceEvent { owner?.serverEnds() }
        context.fireUserInboundEventTriggered(event)
    }

    /// A connection that was reset is one that is lost.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        messagesWhileFull = 0
        bytesWhileFull = 0
        if let owedPong { answer(ping: owedPong, context) }
        if owedRead { read(context: context) }
        owner?.hasRoomAgain()
        flush()
    }

    func read(context: ChannelHandlerContext) {
        owedRead = owner?.mayRead == false
        if !owedRead { context.read() }
    }

    /// After ``SocketOwner/mayRead`` was false.
    func goOnReading() {
        if owedRead, let context { read(context: context) }
    }

    // MARK: end

    private func end(_ end: SocketEnd, _ loop: any EventLoop) {
        let owner = owner
        self.owner = nil
        owner?.ended(end, on: loop)
    }

    private func refuse(_ code: WebSocketErrorCode, _ context: ChannelHandlerContext) {
        isDeaf = true
        end(.violation(code), context.eventLoop)
        sendClose(code)
    }

    /// Both sides have said goodbye then; the server hangs up first (7.1.1).
    private func answer(close code: WebSocketErrorCode, _ context: ChannelHandlerContext) {
        isDeaf = true
        peerHasClosed = true
        guard !isClosing else { return context.close(promise: nil) }
        end(.closedByPeer(code), context.eventLoop)
        sendClose(code)
    }

    /// Says goodbye. The owner is told no more.
    func close(_ code: WebSocketErrorCode, reason: String = "") {
        owner = nil
        sendClose(code, reason)
    }

    /// Ends the connection at once.
    func cut() { context?.close(promise: nil) }

    private func sendClose(_ code: WebSocketErrorCode, _ reason: String = "") {
        guard !isClosing, let context else { return }
        isClosing = true
        var payload = context.channel.allocator.buffer(capacity: 2 + reason.utf8.count)
        payload.write(webSocketErrorCode: code)
        payload.writeString(reason)
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: payload)
        context.writeAndFlush(wrapOutboundOut(frame)).assumeIsolated().whenComplete { [self] _ in
            if peerHasClosed {
                context.close(promise: nil)
            } else if isDeaf {
                // The peer's close frame would not be seen. A whole close could discard ours, with what is not read yet.
                context.close(mode: .output, promise: nil)
            }
        }
        // A moment for the frame to leave and for the peer to answer; then the connection goes, whatever the peer reads.
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(500)) { context.close(promise: nil) }
    }

    // MARK: keep-alive

    private func schedulePing(_ context: ChannelHandlerContext) {
        let wait = unansweredPings < 2 ? Self.pingInterval : Self.lastWait
        context.eventLoop.assumeIsolated().scheduleTask(in: wait) { [weak self] in
            guard let self, let context = self.context, !self.isClosing else { return }
            guard self.unansweredPings < 2 else { return self.bury(context) }
            self.unansweredPings += 1
            let frame = WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer())
            context.writeAndFlush(self.wrapOutboundOut(frame), promise: nil)
            self.schedulePing(context)
        }
    }

    /// The peer has vanished: the kernel shall not try for minutes to bring it what waits.
    private func bury(_ context: ChannelHandlerContext) {
        let socket = context.channel as? any SocketOptionProvider
        _ = socket?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        context.close(promise: nil)
    }

    private func answer(ping bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard hasRoom else { return owedPong = bytes }
        owedPong = nil
        write(WebSocketFrame(fin: true, opcode: .pong, data: bytes))
    }

    // MARK: outbound

    /// Whether the socket takes more. What is not flushed yet does not count against it.
    var hasRoom: Bool {
        guard let context else { return false }
        if !context.channel.isWritable {
            wantsFlush = false
            context.flush()
        }
        return context.channel.isWritable
    }

    /// A message that must not be lost; see the type for a peer that does not read.
    func send(text: String) {
        guard let context, takesMessage(text.utf8.count, context) else { return }
        write(WebSocketFrame(fin: true, opcode: .text, data: context.channel.allocator.buffer(string: text)))
    }

    func send(binary bytes: ByteBuffer) {
        guard let context, takesMessage(bytes.readableBytes, context) else { return }
        write(WebSocketFrame(fin: true, opcode: .binary, data: bytes))
    }

    /// A part of a message; for owners that watch ``hasRoom`` themselves.
    func send(part bytes: ByteBuffer, opcode: WebSocketOpcode, isLast: Bool) {
        write(WebSocketFrame(fin: isLast, opcode: opcode, data: bytes))
    }

    private func takesMessage(_ bytes: Int, _ context: ChannelHandlerContext) -> Bool {
        guard !hasRoom else { return true }
        messagesWhileFull += 1
        bytesWhileFull += bytes
        let isTooMuch = messagesWhileFull > Self.messageLimit || bytesWhileFull > Self.byteLimit
        if isTooMuch { context.close(promise: nil) }
        return !isTooMuch
    }

    private func write(_ frame: WebSocketFrame) {
        guard let context, !isClosing else { return }
        context.write(wrapOutboundOut(frame), promise: nil)
        wantsFlush = true
    }

    /// What was sent leaves now; while a batch of frames is read, at its end.
    func flush() {
        guard wantsFlush, !isReading else { return }
        wantsFlush = false
        context?.flush()
    }
}
