// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxCore

/// Whoever a socket is for. All on its loop.
protocol SocketReceiver: AnyObject {
    func received(_ bytes: [UInt8], isText: Bool, isLast: Bool)
    /// The end. Code and reason are what the other side's close frame said.
    func ended(_ failure: NetworkFailure?, code: Int?, reason: String)
}

/// A client's end of a WebSocket (RFC 6455), after the upgrade. Answers pings, closes in order, holds the other side to
/// the rules.
final class SocketHandler: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let host: String
    private let settings: NetSettings
    private var receiver: (any SocketReceiver)?
    private var context: ChannelHandlerContext?
    private var parser: FrameParser
    /// The handlers of HTTP are gone; what is written before would end in them.
    private(set) var mayWrite = false
    private var isReading = true
    private var owesRead = false
    /// Of the message that is being sent: its first frame is out.
    private var isWithinMessage = false
    private var hasSentClose = false
    /// The newest ping that could not be answered yet; older ones need no answer (RFC 6455, 5.5.3).
    private var owedPong: [UInt8]?
    private var closeTimer: Scheduled<Void>?

    init(host: String, settings: NetSettings, receiver: any SocketReceiver) {
        self.host = host
        self.settings = settings
        self.receiver = receiver
        parser = FrameParser(limit: settings.message)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// The handlers of HTTP are gone: frames may go out, and what came in meanwhile is read.
    func start() {
        mayWrite = true
        readFrames()
    }

    // MARK: out

    func send(_ bytes: [UInt8], isText: Bool, isLast: Bool, promise: EventLoopPromise<Void>) {
        guard let context, !hasSentClose else { return promise.succeed() }
        let opcode: FrameWriter.Opcode = isWithinMessage ? .continuation : isText ? .text : .binary
        isWithinMessage = !isLast
        context.write(wrapOutboundOut(FrameWriter.frame(opcode, isFinal: isLast, bytes)), promise: promise)
    }

    func flush() { context?.flush() }

    func ping() {
        guard let context, mayWrite, !hasSentClose else { return }
        context.writeAndFlush(wrapOutboundOut(FrameWriter.frame(.ping, [])), promise: nil)
    }

    /// Says goodbye and waits a little for the other side to do so.
    func close(code: Int, reason: String) {
        guard let context, !hasSentClose else { return }
        hasSentClose = true
        wait(context)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { [weak self] in
            if let self, let context = self.context { self.wait(context) }
        }
        context.writeAndFlush(wrapOutboundOut(FrameWriter.close(code: code, reason: reason)), promise: written)
    }

    private func wait(_ context: ChannelHandlerContext) {
        closeTimer?.cancel()
        closeTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(settings.closeTimeout)) {
            [weak self] in
            guard let self else { return }
            end(NetworkFailure(.timeout, "\(host) did not answer the close"))
        }
    }

    /// Ends it at once; the receiver is told nothing.
    func cut() {
        guard receiver != nil else { return }
        receiver = nil
        closeTimer?.cancel()
        context?.close(promise: nil)
    }

    func setReading(_ on: Bool) {
        isReading = on
        guard on, owesRead else { return }
        owesRead = false
        context?.read()
    }

    func read(context: ChannelHandlerContext) {
        if isReading { context.read() } else { owesRead = true }
    }

    // MARK: in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard receiver != nil else { return }
        parser.feed(unwrapInboundIn(data))
        readFrames()
    }

    private func readFrames() {
        guard mayWrite else { return }
        do {
            while receiver != nil, let part = try parser.next() { take(part) }
        } catch {
            violated(error)
        }
    }

    private func take(_ part: FrameParser.Part) {
        switch part {
        case .data(let bytes, let isText, let isLast):
            // A fragment may be empty; so many of them say nothing.
            guard isLast || !bytes.isEmpty else { return }
            receiver?.received(bytes, isText: isText, isLast: isLast)
        case .ping(let bytes): answer(ping: bytes)
        case .pong: break
        case .close(let code, let reason): goodbye(code, reason)
        }
    }

    private func answer(ping bytes: [UInt8]) {
        guard let context, !hasSentClose else { return }
        guard context.channel.isWritable else {
            owedPong = bytes
            return
        }
        owedPong = nil
        context.writeAndFlush(wrapOutboundOut(FrameWriter.frame(.pong, bytes)), promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, let owedPong { answer(ping: owedPong) }
        context.fireChannelWritabilityChanged()
    }

    /// The other side's close frame: both have said goodbye once ours is out.
    private func goodbye(_ code: Int?, _ reason: String) {
        let echo = hasSentClose ? nil : FrameWriter.close(code: code ?? 0, reason: "")
        finish(nil, code: code, reason: reason)
        leave(saying: echo, isFailed: false)
    }

    private func violated(_ violation: FrameParser.Violation) {
        let frame = hasSentClose ? nil : FrameWriter.close(code: violation.code, reason: violation.text)
        finish(NetworkFailure(.protocolBroken, "\(host) broke WebSocket's rules: \(violation.text)"))
        leave(saying: frame, isFailed: true)
    }

    /// Sends a last frame and hangs up behind it. The server is to hang up first when all is well (RFC 6455, 7.1.1), but
    /// may be slow; when it broke the rules it is not waited for (7.1.7).
    private func leave(saying frame: ByteBuffer?, isFailed: Bool) {
        guard let context else { return }
        hasSentClose = true
        closeTimer?.cancel()
        guard let frame else { return context.close(promise: nil) }
        let channel = context.channel
        context.eventLoop.scheduleTask(in: TimeAmount(settings.closeTimeout)) { channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(frame)).whenComplete { result in
            if case .success = result, !isFailed { return }
            channel.close(promise: nil)
        }
        // What else comes is of no interest, but its end is.
        setReading(true)
    }

    private func end(_ failure: NetworkFailure) {
        // To close tells of the end too, but not why.
        finish(failure)
        context?.close(promise: nil)
    }

    private func finish(_ failure: NetworkFailure?, code: Int? = nil, reason: String = "") {
        let receiver = receiver
        self.receiver = nil
        receiver?.ended(failure, code: code, reason: reason)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(NetworkFailure(error, host: host)) }

    func channelInactive(context: ChannelHandlerContext) {
        closeTimer?.cancel()
        finish(NetworkFailure(.connection, "\(host) closed the connection without a close frame"))
        context.fireChannelInactive()
    }
}
