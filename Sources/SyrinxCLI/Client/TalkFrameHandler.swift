// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket
internal import SyrinxCore

/// WebSocket frames to messages and back (RFC 6455). Answers pings and the server's close by itself; every frame that
/// goes out is masked (5.3).
final class TalkFrameHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = TalkMessage
    typealias OutboundIn = TalkSend
    typealias OutboundOut = WebSocketFrame

    private var isClosing = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        let now = Instant.now
        // Syrinx sends whole messages; a fragment would be somebody else's server.
        guard frame.fin, frame.opcode != .continuation else {
            return fail("the server fragments its messages", context)
        }
        switch frame.opcode {
        case .binary: context.fireChannelRead(wrapInboundOut(.audio(Self.samples(frame.data), at: now)))
        case .text: receive(text: frame.data, at: now, context)
        case .ping: write(.pong, frame.data, context, promise: nil)
        case .connectionClose: receive(close: frame.data, context)
        default: break
        }
    }

    private func receive(text: ByteBuffer, at now: Instant, _ context: ChannelHandlerContext) {
        do {
            let json = try JSONValue(parsing: text.readableBytesView)
            context.fireChannelRead(wrapInboundOut(.event(json, at: now)))
        } catch {
            fail("the server sent an event that is no JSON: \(error.message)", context)
        }
    }

    private func receive(close data: ByteBuffer, _ context: ChannelHandlerContext) {
        let code = data.getInteger(at: data.readerIndex, as: UInt16.self).map(Int.init)
        context.fireChannelRead(wrapInboundOut(.closed(code: code)))
        if !isClosing { sendClose(context, promise: nil) }
        context.close(promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .audio(let samples):
            var buffer = context.channel.allocator.buffer(capacity: samples.count * 2)
            for sample in samples { buffer.writeInteger(sample, endianness: .little) }
            write(.binary, buffer, context, promise: promise)
        case .event(let json):
            write(.text, context.channel.allocator.buffer(string: json.text), context, promise: promise)
        case .close: sendClose(context, promise: promise)
        }
    }

    private func sendClose(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        isClosing = true
        var payload = context.channel.allocator.buffer(capacity: 2)
        payload.write(webSocketErrorCode: .normalClosure)
        write(.connectionClose, payload, context, promise: promise)
        context.flush()
    }

    private func write(
        _ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext,
        promise: EventLoopPromise<Void>?
    ) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        context.write(wrapOutboundOut(frame), promise: promise)
        if opcode == .pong { context.flush() }
    }

    private func fail(_ message: String, _ context: ChannelHandlerContext) {
        context.fireErrorCaught(SyrinxError("client.protocol", message))
        context.close(promise: nil)
    }

    private static func samples(_ data: ByteBuffer) -> [Int16] {
        let view = data.readableBytesView
        return (0..<view.count / 2).map { data.getInteger(at: view.startIndex + $0 * 2, endianness: .little) ?? 0 }
    }
}

extension Instant {
    /// The monotonic clock of this process.
    static var now: Instant { Instant(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }
}
