// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// One WebSocket of a session (RFC 6455): binary messages are the caller's audio, text messages are JSON. What it is told
/// goes to the session's line, what the line says goes out here.
///
/// A slow reader: agent audio is dropped while the socket's buffer is full (old audio is worth nothing), events are
/// kept up to `eventLimit`, then the connection ends.
final class TalkHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never
    typealias OutboundOut = WebSocketFrame

    private static let pingInterval = TimeAmount.seconds(10)
    private static let eventLimit = 256

    /// Nil when the session has ended.
    private var port: TalkPort?
    /// Which of the line's connections this is.
    private var connection = 0
    private let desk: ResumeDesk
    /// Joins the line when the handler is in the pipeline.
    private var join: ((TalkHandler, any EventLoop) -> Void)?
    private var context: ChannelHandlerContext?
    private let maxMessage: Int

    private var messages = MessageAssembler()
    private var audio = ByteBuffer()
    private var isReading = false
    private var wantsFlush = false
    private var eventsWhileFull = 0
    private var droppedFrames = 0
    private var unansweredPings = 0
    private var isClosing = false
    /// The newest ping that could not be answered yet; older ones need no answer (RFC 6455 5.5.3).
    private var owedPong: ByteBuffer?
    private var owedRead = false
    private var peerHasClosed = false

    /// - Parameter join: called once in the pipeline: opens the line's first connection, or another.
    init(
        port: TalkPort, desk: ResumeDesk, maxMessage: Int,
        join: @escaping (_ handler: TalkHandler, _ loop: any EventLoop) -> Void
    ) {
        self.port = port
        self.desk = desk
        self.maxMessage = maxMessage
        self.join = join
        messages.limit = maxMessage
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        schedulePing(context)
        join?(self, context.eventLoop)
        join = nil
        flush()
    }

    /// The line has counted this connection.
    func joined(as connection: Int) { self.connection = connection }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        unansweredPings = 0
        let frame = unwrapInboundIn(data)
        switch messages.take(frame) {
        case .audio(let bytes): receive(audio: bytes)
        case .text(let bytes): receive(text: bytes)
        case .ping(let bytes): answer(ping: bytes, context)
        case .close(let code): answer(close: code, context)
        case .violation(let code): close(code: code, reason: .transportLost)
        case .more: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush()
        context.fireChannelReadComplete()
    }

    private func receive(audio bytes: ByteBuffer) {
        guard let port, let context, !isClosing else { return }
        guard bytes.readableBytes % 2 == 0 else {
            return send(
                error: SyrinxError(
                    "audio.odd_length", "a binary message of \(bytes.readableBytes) bytes is not whole 16-bit samples",
                    fix: "send s16le mono PCM; this message was dropped"))
        }
        port.receive(audio: bytes, on: context.eventLoop)
        guard port.isLoopback else { return }
        write(WebSocketFrame(fin: true, opcode: .binary, data: bytes))
    }

    private func receive(text bytes: ByteBuffer) {
        guard let port, let context, !isClosing else { return }
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
            return close(code: .dataInconsistentWithMessage, reason: .transportLost)
        }
        do {
            switch try ClientMessage.parse(text, rate: port.rate) {
            case .input(.say(let request)): port.say(request, on: context.eventLoop)
            case .input(let input): port.submit(input, on: context.eventLoop)
            case .close: port.submit(.close(.clientClosed), on: context.eventLoop)
            }
        } catch {
            send(error: error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connectionEnded(context.eventLoop)
        context.fireChannelInactive()
    }

    /// The port takes half-closed connections for HTTP's sake; a WebSocket knows none: such a caller has gone.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { return context.close(promise: nil) }
        // The server ends: whoever was not drained is told.
        if event is ChannelShouldQuiesceEvent { submit(.close(.hostShutdown)) }
        context.fireUserInboundEventTriggered(event)
    }

    /// Frames that are none end the session; a connection that was reset is one that is lost.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? NIOWebSocketError else { return context.close(promise: nil) }
        close(code: error == .invalidFrameLength ? .messageTooLarge : .protocolError, reason: .transportLost)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        eventsWhileFull = 0
        if let owedPong { answer(ping: owedPong, context) }
        if owedRead { read(context: context) }
        flush()
        guard droppedFrames > 0 else { return }
        port?.onDropped(droppedFrames)
        send(
            error: SyrinxError(
                "transport.slow_reader", "\(droppedFrames) audio frames were dropped: the client reads too slowly"))
        droppedFrames = 0
        flush()
    }

    // MARK: end

    /// A caller that may come back is waited for; else the session ends.
    private func connectionEnded(_ loop: any EventLoop) {
        guard let port else { return }
        let (connection, isLost, desk) = (connection, !isClosing, desk)
        port.run(on: loop) { line in
            guard line.isCurrent(connection) else { return }
            if isLost, port.isResumable {
                desk.connectionLost(port, line)
            } else {
                line.submit(.close(isLost ? .transportLost : .clientClosed))
            }
        }
    }

    /// What an older connection still says is of no interest.
    private func submit(_ input: Input) {
        guard let port, let context else { return }
        let connection = connection
        port.run(on: context.eventLoop) { line in
            if line.isCurrent(connection) { line.submit(input) }
        }
    }

    /// Ends the session, answers the peer's close or begins ours (RFC 6455 7.1.2).
    private func close(code: WebSocketErrorCode, reason: CloseReason) {
        submit(.close(reason))
        sendClose(code)
    }

    /// Both sides have said goodbye then; the server hangs up first (RFC 6455 7.1.1).
    private func answer(close code: WebSocketErrorCode, _ context: ChannelHandlerContext) {
        peerHasClosed = true
        guard !isClosing else { return context.close(promise: nil) }
        close(code: code, reason: .clientClosed)
    }

    private func sendClose(_ code: WebSocketErrorCode) {
        guard !isClosing, let context else { return }
        isClosing = true
        var payload = context.channel.allocator.buffer(capacity: 2)
        payload.write(webSocketErrorCode: code)
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: payload)
        context.writeAndFlush(wrapOutboundOut(frame)).assumeIsolated().whenComplete { [self] _ in
            if peerHasClosed { context.close(promise: nil) }
        }
        // A moment for the frame to leave and for the peer to answer; then the connection goes, whatever the peer reads.
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(500)) { context.close(promise: nil) }
    }

    /// The handler never joined the pipeline: its session must not wait for a caller.
    func abandon(_ loop: any EventLoop) {
        join = nil
        connectionEnded(loop)
    }

    // MARK: keep-alive

    private func schedulePing(_ context: ChannelHandlerContext) {
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pingInterval) { [weak self] in
            guard let self, let context = self.context, !self.isClosing else { return }
            guard self.unansweredPings < 2 else { return context.close(promise: nil) }
            self.unansweredPings += 1
            let frame = WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer())
            context.writeAndFlush(self.wrapOutboundOut(frame), promise: nil)
            self.schedulePing(context)
        }
    }

    // MARK: outbound

    private func write(_ frame: WebSocketFrame) {
        guard let context, !isClosing else { return }
        context.write(wrapOutboundOut(frame), promise: nil)
        wantsFlush = true
    }

    private func dropped() { droppedFrames += 1 }

    /// Whether the socket takes more. What is not flushed yet does not count against it.
    private func hasRoom(_ context: ChannelHandlerContext) -> Bool {
        if !context.channel.isWritable {
            wantsFlush = false
            context.flush()
        }
        return context.channel.isWritable
    }

    private func answer(ping bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard hasRoom(context) else { return owedPong = bytes }
        owedPong = nil
        write(WebSocketFrame(fin: true, opcode: .pong, data: bytes))
    }

    /// A loopback returns every message, so it reads no faster than its caller does.
    func read(context: ChannelHandlerContext) {
        owedRead = port?.isLoopback == true && !hasRoom(context)
        if !owedRead { context.read() }
    }

    func send(json: JSONValue) {
        guard let context else { return }
        if !hasRoom(context) {
            eventsWhileFull += 1
            guard eventsWhileFull <= Self.eventLimit else { return context.close(promise: nil) }
        }
        write(WebSocketFrame(fin: true, opcode: .text, data: context.channel.allocator.buffer(string: json.text)))
    }

    private func send(error: SyrinxError) {
        send(json: Problem.event(error))
        flush()
    }
}

// MARK: - from the line

extension TalkHandler {
    func send(audio samples: UnsafeBufferPointer<Int16>) {
        guard let context, hasRoom(context) else { return dropped() }
        // The same memory again, unless the socket still holds it: then the buffer copies itself.
        audio.clear()
        audio.writeBytes(UnsafeRawBufferPointer(samples))
        write(WebSocketFrame(fin: true, opcode: .binary, data: audio))
    }

    func flush() {
        guard wantsFlush, !isReading else { return }
        wantsFlush = false
        context?.flush()
    }

    func ended(_ reason: CloseReason) {
        port = nil
        sendClose(reason == .drained || reason == .hostShutdown ? .goingAway : .normalClosure)
    }
}
