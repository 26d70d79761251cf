// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket

/// What a frame of a client says of itself, once it is known to keep the rules of one frame (RFC 6455 5.2).
struct FrameHead: Equatable {
    let opcode: WebSocketOpcode
    /// The last of its message.
    let isLast: Bool
    /// Bytes of payload.
    let length: Int
    /// As a little-endian number: its lowest byte masks the payload's first.
    let key: UInt32
}

/// Finds frames in a client's bytes, however they come. It keeps at most a head that is not complete: payload is handed
/// on as it comes, so that its reader can refuse it at the first byte that is wrong, and hold no more than it wants.
struct FrameReader {
    enum Step: Equatable {
        case head(FrameHead)
        /// Some of the payload, still masked; `key` is turned to its first byte. `isEnd`: nothing of this frame follows.
        case payload(ByteBuffer, key: UInt32, isEnd: Bool)
        /// What came is no frame that a client may send. Nothing is read after it.
        case violation(WebSocketErrorCode)
    }

    private enum State {
        case head
        case payload(left: Int, key: UInt32)
        case broken
    }

    private var state = State.head
    /// Bytes of a head whose rest has not come: at most 13.
    private var begun: [UInt8] = []

    /// The next step; nil when more bytes are needed.
    mutating func next(_ bytes: inout ByteBuffer) -> Step? {
        switch state {
        case .head: return readHead(&bytes)
        case .payload(let left, let key): return readPayload(&bytes, left, key)
        case .broken: return nil
        }
    }

    // MARK: payload

    private mutating func readPayload(_ bytes: inout ByteBuffer, _ left: Int, _ key: UInt32) -> Step? {
        let count = min(left, bytes.readableBytes)
        // An empty payload is one, too: it has come with its head.
        guard count > 0 || left == 0, let part = bytes.readSlice(length: count) else { return nil }
        let isEnd = count == left
        state = isEnd ? .head : .payload(left: left - count, key: key.turned(by: count))
        return .payload(part, key: key, isEnd: isEnd)
    }

    // MARK: head

    private mutating func readHead(_ bytes: inout ByteBuffer) -> Step? {
        if begun.isEmpty {
            switch bytes.withUnsafeReadableBytes(Self.parse) {
            case .failure(let end): return broken(end.code)
            case .success((let head, let size)?):
                bytes.moveReaderIndex(forwardBy: size)
                return found(head)
            case .success(nil): break
            }
        }
        while let byte = bytes.readInteger(as: UInt8.self) {
            begun.append(byte)
            switch begun.withUnsafeBytes(Self.parse) {
            case .failure(let end): return broken(end.code)
            case .success((let head, _)?):
                begun.removeAll(keepingCapacity: true)
                return found(head)
            case .success(nil): break
            }
        }
        return nil
    }

    private mutating func found(_ head: FrameHead) -> Step {
        state = .payload(left: head.length, key: head.key)
        return .head(head)
    }

    private mutating func broken(_ code: WebSocketErrorCode) -> Step {
        (state, begun) = (.broken, [])
        return .violation(code)
    }

    private struct Broken: Error {
        let code: WebSocketErrorCode
    }

    /// A head and its size in bytes, or nil when there is more to come. What is wrong is told by the first byte that is.
    private static func parse(_ bytes: UnsafeRawBufferPointer) -> Result<(FrameHead, Int)?, Broken> {
        guard bytes.count >= 1 else { return .success(nil) }
        let (flags, opcode) = (bytes[0] & 0xF0, WebSocketOpcode(encodedWebSocketOpcode: bytes[0] & 0x0F))
        let isLast = flags & 0x80 != 0
        // Nobody has negotiated an extension, so no reserved bit and no reserved opcode has a meaning.
        guard flags & 0x70 == 0, let opcode, opcode.isKnown else { return .failure(Broken(code: .protocolError)) }
        guard isLast || !opcode.isControl else { return .failure(Broken(code: .protocolError)) }
        guard bytes.count >= 2 else { return .success(nil) }
        // A client must mask (5.1).
        let short = Int(bytes[1] & 0x7F)
        guard bytes[1] & 0x80 != 0, short <= 125 || !opcode.isControl else {
            return .failure(Broken(code: .protocolError))
        }
        let lengthSize = short == 127 ? 8 : short == 126 ? 2 : 0
        guard bytes.count >= 2 + lengthSize else { return .success(nil) }
        let long = bytes[2..<(2 + lengthSize)].reduce(into: UInt64(0)) { $0 = $0 << 8 | UInt64($1) }
        guard let length = lengthSize == 0 ? short : Int(exactly: long) else {
            return .failure(Broken(code: .messageTooLarge))
        }
        let size = 2 + lengthSize + 4
        guard bytes.count >= size else { return .success(nil) }
        let key = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: size - 4, as: UInt32.self))
        return .success((FrameHead(opcode: opcode, isLast: isLast, length: length, key: key), size))
    }
}

extension WebSocketOpcode {
    fileprivate var isKnown: Bool {
        switch self {
        case .continuation, .text, .binary, .connectionClose, .ping, .pong: true
        default: false
        }
    }

    var isControl: Bool {
        switch self {
        case .connectionClose, .ping, .pong: true
        default: false
        }
    }
}

// MARK: - the mask

extension UInt32 {
    /// A mask's key for what follows `count` bytes of its payload.
    fileprivate func turned(by count: Int) -> UInt32 {
        let bits = UInt32(count & 3) * 8
        return self &>> bits | self &<< (32 - bits)
    }
}

extension ByteBuffer {
    /// Appends masked bytes in the clear (5.3), in one pass.
    mutating func write(unmasking bytes: ByteBuffer, key: UInt32) {
        bytes.withUnsafeReadableBytes { source in
            _ = writeWithUnsafeMutableBytes(minimumWritableBytes: source.count) { target in
                Self.unmask(source, into: target, key)
                return source.count
            }
        }
    }

    private static func unmask(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ key: UInt32
    ) {
        let wide = (UInt64(key) << 32 | UInt64(key)).littleEndian
        var index = 0
        while source.count - index >= 8 {
            let word = source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            target.storeBytes(of: word ^ wide, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < source.count {
            target[index] = source[index] ^ UInt8(truncatingIfNeeded: key &>> UInt32((index & 3) * 8))
            index += 1
        }
    }
}
