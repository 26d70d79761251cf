// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Writes a client's frames (RFC 6455, 5.2 and 5.3): each is masked with four random bytes.
enum FrameWriter {
    enum Opcode: UInt8 {
        case continuation = 0, text, binary
        case close = 8, ping, pong
    }

    static func frame(
        _ opcode: Opcode, isFinal: Bool = true, _ payload: [UInt8], mask: UInt32 = .random(in: 0...UInt32.max)
    ) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(payload.count + 14)
        buffer.writeInteger(opcode.rawValue | (isFinal ? 0x80 : 0))
        switch payload.count {
        case 0...125: buffer.writeInteger(0x80 | UInt8(payload.count))
        case 126...0xffff:
            buffer.writeInteger(UInt8(0x80 | 126))
            buffer.writeInteger(UInt16(payload.count))
        default:
            buffer.writeInteger(UInt8(0x80 | 127))
            buffer.writeInteger(UInt64(payload.count))
        }
        buffer.writeInteger(mask)
        let start = buffer.writerIndex - buffer.readerIndex
        buffer.writeBytes(payload)
        let key = withUnsafeBytes(of: mask.bigEndian) { Array($0) }
        buffer.withUnsafeMutableReadableBytes { bytes in
            for index in start..<bytes.count { bytes[index] ^= key[(index - start) & 3] }
        }
        return buffer
    }

    /// A close frame; the reason is cut to what a control frame holds, between characters.
    static func close(code: Int, reason: String) -> ByteBuffer {
        guard FrameParser.isCloseCode(code), let code = UInt16(exactly: code) else { return frame(.close, []) }
        var payload = [UInt8(code >> 8), UInt8(code & 0xff)]
        for character in reason {
            guard payload.count + character.utf8.count <= 125 else { break }
            payload += Array(character.utf8)
        }
        return frame(.close, payload)
    }
}
