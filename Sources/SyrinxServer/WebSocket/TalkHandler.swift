// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// The WebSocket of one session (RFC 6455): binary messages are the caller's audio, text messages are JSON. It owns the
/// session, and lives on the same event loop.
///
/// A slow reader: agent audio is dropped while the socket's buffer is full (old audio is worth nothing), events are
/// kept up to `eventLimit`, then the connection ends.
final class TalkHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never
    typealias OutboundOut = WebSocketFrame

    private static let pingInterval = TimeAmount.seconds(10)
    private static let eventLimit = 256

    private var session: CallSession?
    private var context: ChannelHandlerContext?
    private let maxMessage: Int
    private let clock: () -> Instant
    private let began: Instant

    private var messages = MessageAssembler()
    private var audio = ByteBuffer()
    private var isReading = false
    private var wantsFlush = false
    private var eventsWhileFull = 0
    private var droppedFrames = 0
    private var nextSpeech: UInt64 = 1
    private var unansweredPings = 0
    private var isClosing = false
    /// The newest ping that could not be answered yet; older ones need no answer (RFC 6455 5.5.3).
    private var owedPong: ByteBuffer?
    private var owedRead = false
    private var peerHasClosed = false

    init(maxMessage: Int, clock: @escaping () -> Instant) {
        self.maxMessage = maxMessage
        self.clock = clock
        began = clock()
        messages.limit = maxMessage
    }

    /// Before the handler joins the pipeline.
    func attach(_ session: CallSession) { self.session = session }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        guard let session else { return }
        send(json: Greeting.json(session))
        schedulePing(context)
        session.start()
        flush()
    }

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
        guard let session, !isClosing else { return }
        let taken = bytes.withUnsafeReadableBytes { session.receive($0) }
        guard taken else {
            return send(
                error: SyrinxError(
                    "audio.odd_length", "a binary message of \(bytes.readableBytes) bytes is not whole 16-bit samples",
                    fix: "send s16le mono PCM; this message was dropped"))
        }
        guard session.isLoopback else { return }
        write(WebSocketFrame(fin: true, opcode: .binary, data: bytes))
    }

    private func receive(text bytes: ByteBuffer) {
        guard let session, !isClosing else { return }
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
            return close(code: .dataInconsistentWithMessage, reason: .transportLost)
        }
        do {
            switch try ClientMessage.parse(text, rate: session.request.rate, nextSpeech: nextSpeech) {
            case .input(let input):
                if case .say = input { nextSpeech += 1 }
                session.submit(input)
            case .close: session.submit(.close(.clientClosed))
            }
        } catch {
            send(error: error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        session?.submit(.close(isClosing ? .clientClosed : .transportLost))
        context.fireChannelInactive()
    }

    /// The port takes half-closed connections for HTTP's sake; a WebSocket knows none: such a caller has gone.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { return context.close(promise: nil) }
        // The server ends: whoever was not drained is told.
        if event is ChannelShouldQuiesceEvent { session?.submit(.close(.hostShutdown)) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let code: WebSocketErrorCode =
            (error as? NIOWebSocketError) == .invalidFrameLength ? .messageTooLarge : .protocolError
        close(code: code, reason: .transportLost)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        eventsWhileFull = 0
        if let owedPong { answer(ping: owedPong, context) }
        if owedRead { read(context: context) }
        flush()
        guard droppedFrames > 0 else { return }
        send(
            error: SyrinxError(
                "transport.slow_reader", "\(droppedFrames) audio frames were dropped: the client reads too slowly"))
        droppedFrames = 0
        flush()
    }

    // MARK: end

    /// Ends the session, answers the peer's close or begins ours (RFC 6455 7.1.2).
    private func close(code: WebSocketErrorCode, reason: CloseReason) {
        session?.submit(.close(reason))
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
    func abandon() { session?.submit(.close(.transportLost)) }

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
        owedRead = session?.isLoopback == true && !hasRoom(context)
        if !owedRead { context.read() }
    }

    private func send(json: JSONValue) {
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

extension TalkHandler: CallTransport {
    func send(audio samples: UnsafeBufferPointer<Int16>) {
        guard let context, hasRoom(context) else { return dropped() }
        // The same memory again, unless the socket still holds it: then the buffer copies itself.
        audio.clear()
        audio.writeBytes(UnsafeRawBufferPointer(samples))
        write(WebSocketFrame(fin: true, opcode: .binary, data: audio))
    }

    func send(event: SessionEvent, at now: Instant) { send(json: EventJSON.object(event, at: now, began: began)) }

    func flush() {
        guard wantsFlush, !isReading else { return }
        wantsFlush = false
        context?.flush()
    }

    func ended(_ reason: CloseReason) {
        session = nil
        sendClose(reason == .drained || reason == .hostShutdown ? .goingAway : .normalClosure)
    }
}

/// The first event of a session.
enum Greeting {
    static func json(_ session: CallSession) -> JSONValue {
        [
            "type": "session.started", "session": .string(session.id), "profile": .string(session.request.profile),
            "rate": .int(Int64(session.request.rate)), "frame_ms": 20, "format": "s16le", "channels": 1,
        ]
    }
}
