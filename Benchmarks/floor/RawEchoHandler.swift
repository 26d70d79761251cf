// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// The same echo without NIOWebSocket: the least that a handler on the event loop can do.
///
/// Trusts its caller, the load generator: whole messages, always masked.
final class RawEchoHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var received = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        while let frame = received.readFrame() {
            reply(to: frame, context: context)
        }
        received.discardReadBytes()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func reply(to frame: RawFrame, context: ChannelHandlerContext) {
        var answer = context.channel.allocator.buffer(capacity: frame.payload.readableBytes + 4)
        answer.writeFrameHeader(opcode: frame.opcode, length: frame.payload.readableBytes)
        answer.writeUnmasked(frame.payload, mask: frame.mask)
        context.write(wrapOutboundOut(answer), promise: nil)
        if frame.opcode == RawFrame.close {
            context.close(mode: .output, promise: nil)
        }
    }
}

/// A client's frame (RFC 6455 5.2), payload still masked.
struct RawFrame {
    static let close: UInt8 = 8

    var opcode: UInt8
    var mask: UInt32
    var payload: ByteBuffer
}

extension ByteBuffer {
    /// The next whole frame, or nil until more bytes have come.
    fileprivate mutating func readFrame() -> RawFrame? {
        guard let (first, second) = getMultipleIntegers(at: readerIndex, as: (UInt8, UInt8).self) else { return nil }
        let short = Int(second & 0x7f)
        let header = short == 126 ? 4 : 2
        let long = short == 126 ? getInteger(at: readerIndex + 2, as: UInt16.self).map(Int.init) : short
        guard let length = long, readableBytes >= header + 4 + length,
            let mask = getInteger(at: readerIndex + header, as: UInt32.self),
            let payload = getSlice(at: readerIndex + header + 4, length: length)
        else { return nil }
        moveReaderIndex(forwardBy: header + 4 + length)
        return RawFrame(opcode: first & 0x0f, mask: mask, payload: payload)
    }

    fileprivate mutating func writeFrameHeader(opcode: UInt8, length: Int) {
        writeInteger(0x80 | opcode)
        if length < 126 {
            writeInteger(UInt8(length))
        } else {
            writeMultipleIntegers(UInt8(126), UInt16(length))
        }
    }

    /// Eight bytes at a time: NIOWebSocket's own unmasking goes byte by byte.
    fileprivate mutating func writeUnmasked(_ payload: ByteBuffer, mask: UInt32) {
        let wide = UInt64(mask) << 32 | UInt64(mask)
        var payload = payload
        while let word = payload.readInteger(as: UInt64.self) {
            writeInteger(word ^ wide)
        }
        var shift = 24
        while let byte = payload.readInteger(as: UInt8.self) {
            writeInteger(byte ^ UInt8(truncatingIfNeeded: mask >> UInt32(shift)))
            shift -= 8
            if shift < 0 { shift = 24 }
        }
    }
}
