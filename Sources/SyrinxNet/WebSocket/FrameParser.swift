// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxCore

/// Takes a server's bytes apart into frames (RFC 6455, 5.2), and what is in them into pieces: a long message is passed
/// on while it comes. Holds at most one piece and what one read brought.
struct FrameParser {
    enum Part: Equatable {
        /// At most ``NetworkLimits/piece`` bytes of a message.
        case data([UInt8], isText: Bool, isLast: Bool)
        case ping([UInt8])
        case pong
        /// Code nil = none was given.
        case close(code: Int?, reason: String)
    }

    /// The server broke a rule.
    struct Violation: Error, Equatable {
        /// What the close frame says to it.
        let code: Int
        let text: String

        init(_ text: String, code: Int = 1002) {
            self.code = code
            self.text = text
        }
    }

    private struct Frame {
        let isFinal: Bool
        let opcode: UInt8
        var left: Int

        var isControl: Bool { opcode & 0x8 != 0 }
    }

    private let limit: Int
    private var buffer = ByteBuffer()
    private var frame: Frame?
    /// Of the message that is under way, nil = none.
    private var isText: Bool?
    private var messageSize = 0
    /// Of a text, as far as it has come.
    private var text = UTF8Validator()

    /// - Parameter limit: bytes of one message at most.
    init(limit: Int) { self.limit = limit }

    mutating func feed(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            var bytes = bytes
            buffer.discardReadBytes()
            buffer.writeBuffer(&bytes)
        }
    }

    /// The next part, nil = more bytes are needed.
    mutating func next() throws(Violation) -> Part? {
        if frame == nil {
            guard let header = try readHeader() else { return nil }
            try admit(header)
            frame = header
        }
        guard let frame else { return nil }
        return frame.isControl ? try readControl(frame) : try readData(frame)
    }

    // MARK: the header

    private mutating func readHeader() throws(Violation) -> Frame? {
        let start = buffer.readerIndex
        guard let first = buffer.getInteger(at: start, as: UInt8.self),
            let second = buffer.getInteger(at: start + 1, as: UInt8.self)
        else { return nil }
        guard first & 0x70 == 0 else { throw Violation("a reserved bit is set") }
        guard second & 0x80 == 0 else { throw Violation("a frame of the server is masked") }
        let opcode = first & 0x0f
        guard [0, 1, 2, 8, 9, 10].contains(opcode) else { throw Violation("an unknown opcode \(opcode)") }
        let isFinal = first & 0x80 != 0
        if opcode & 0x8 != 0 {
            guard isFinal, second <= 125 else { throw Violation("a control frame is too long or in fragments") }
        }
        guard let (size, length) = try readLength(second, at: start + 2) else { return nil }
        buffer.moveReaderIndex(forwardBy: 2 + size)
        return Frame(isFinal: isFinal, opcode: opcode, left: length)
    }

    /// How many bytes the length takes, and the length: it must be written as short as can be.
    private func readLength(_ short: UInt8, at index: Int) throws(Violation) -> (Int, Int)? {
        switch short {
        case 126:
            guard let length = buffer.getInteger(at: index, as: UInt16.self) else { return nil }
            guard length > 125 else { throw Violation("a length is longer than it need be") }
            return (2, Int(length))
        case 127:
            guard let length = buffer.getInteger(at: index, as: UInt64.self) else { return nil }
            guard length > 0xffff, let length = Int(exactly: length) else {
                throw Violation("a length is longer than it may be")
            }
            return (8, length)
        default: return (0, Int(short))
        }
    }

    /// Whether a frame may come now, and its message be so long.
    private mutating func admit(_ frame: Frame) throws(Violation) {
        guard !frame.isControl else { return }
        if frame.opcode == 0 {
            guard isText != nil else { throw Violation("a continuation of nothing") }
        } else {
            guard isText == nil else { throw Violation("a message within a message") }
            isText = frame.opcode == 1
            messageSize = 0
            text = UTF8Validator()
        }
        guard frame.left <= limit - messageSize else {
            throw Violation("a message of more than \(limit) bytes", code: 1009)
        }
        messageSize += frame.left
    }

    // MARK: the payload

    private mutating func readData(_ frame: Frame) throws(Violation) -> Part? {
        let count = min(frame.left, NetworkLimits.piece)
        guard let isText, let bytes = buffer.readBytes(length: count) else { return nil }
        let isFrameOver = count == frame.left
        let isLast = isFrameOver && frame.isFinal
        if isText { try check(text: bytes, isLast: isLast) }
        if isFrameOver {
            self.frame = nil
        } else {
            self.frame?.left -= count
        }
        if isLast { self.isText = nil }
        return .data(bytes, isText: isText, isLast: isLast)
    }

    /// At the first byte that cannot be (RFC 6455, 8.1): what came of the message before is passed on already.
    private mutating func check(text bytes: [UInt8], isLast: Bool) throws(Violation) {
        var text = text
        let isText = bytes.withUnsafeBytes { text.take($0) }
        self.text = text
        guard isText, !isLast || text.isComplete else { throw Violation("a text that is no UTF-8", code: 1007) }
    }

    private mutating func readControl(_ frame: Frame) throws(Violation) -> Part? {
        guard let bytes = buffer.readBytes(length: frame.left) else { return nil }
        self.frame = nil
        switch frame.opcode {
        case 9: return .ping(bytes)
        case 10: return .pong
        default: return try Self.close(bytes)
        }
    }

    private static func close(_ bytes: [UInt8]) throws(Violation) -> Part {
        guard !bytes.isEmpty else { return .close(code: nil, reason: "") }
        guard bytes.count >= 2 else { throw Violation("a close frame of one byte") }
        let code = Int(bytes[0]) << 8 | Int(bytes[1])
        guard isCloseCode(code) else { throw Violation("the close code \(code), which may not be sent") }
        return .close(code: code, reason: String(decoding: bytes.dropFirst(2), as: UTF8.self))
    }

    /// Codes that may stand in a close frame (RFC 6455, 7.4, and the IANA registry).
    static func isCloseCode(_ code: Int) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
