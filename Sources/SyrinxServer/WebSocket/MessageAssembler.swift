// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket
internal import SyrinxCore

/// Makes messages of frames, and checks the rules between frames (RFC 6455 5.4, 5.5, 5.6, 7.4.1): each as soon as a byte
/// breaks it, and a message's size before anything of it is kept.
struct MessageAssembler {
    enum Result: Equatable {
        case binary(ByteBuffer)
        case text(String)
        case ping(ByteBuffer)
        case pong
        case close(WebSocketErrorCode)
        case violation(WebSocketErrorCode)
        case more
    }

    /// Bytes of one message.
    var limit = 262_144
    /// What the message is that is under way, or nil.
    private var kind: WebSocketOpcode?
    private var collected = ByteBuffer()
    private var text = UTF8Validator()
    /// Of the frame under way.
    private var frame: FrameHead?
    /// Of a control frame, which may come within a message.
    private var control = ByteBuffer()

    mutating func take(_ step: FrameReader.Step) -> Result {
        switch step {
        case .violation(let code): return .violation(code)
        case .head(let head): return begin(head)
        case .payload(let bytes, let key, let isEnd):
            guard let frame else { return .violation(.protocolError) }
            if frame.opcode.isControl {
                control.write(unmasking: bytes, key: key)
                return isEnd ? end(control: frame.opcode) : .more
            }
            return add(bytes, key, endsMessage: isEnd && frame.isLast)
        }
    }

    private mutating func begin(_ head: FrameHead) -> Result {
        frame = head
        switch head.opcode {
        case .text, .binary:
            guard kind == nil else { return .violation(.protocolError) }
            kind = head.opcode
            text = UTF8Validator()
        case .continuation: guard kind != nil else { return .violation(.protocolError) }
        default:
            control = ByteBuffer()
            return .more
        }
        return head.length <= limit - collected.readableBytes ? .more : .violation(.messageTooLarge)
    }

    // MARK: messages

    private mutating func add(_ bytes: ByteBuffer, _ key: UInt32, endsMessage: Bool) -> Result {
        let known = collected.readableBytes
        collected.write(unmasking: bytes, key: key)
        if kind == .text {
            var text = text
            let isText = collected.withUnsafeReadableBytes { text.take(UnsafeRawBufferPointer(rebasing: $0[known...])) }
            self.text = text
            guard isText, !endsMessage || text.isComplete else { return .violation(.dataInconsistentWithMessage) }
        }
        guard endsMessage else { return .more }
        defer { (kind, collected) = (nil, ByteBuffer()) }
        return kind == .text ? .text(String(buffer: collected)) : .binary(collected)
    }

    // MARK: control frames

    private mutating func end(control opcode: WebSocketOpcode) -> Result {
        defer { control = ByteBuffer() }
        switch opcode {
        case .ping: return .ping(control)
        case .pong: return .pong
        default: return close(control)
        }
    }

    private func close(_ bytes: ByteBuffer) -> Result {
        guard bytes.readableBytes != 1 else { return .violation(.protocolError) }
        guard let code = bytes.getInteger(at: bytes.readerIndex, as: UInt16.self) else { return .close(.normalClosure) }
        guard Self.mayBeSent(code) else { return .violation(.protocolError) }
        var reason = UTF8Validator()
        let isText = bytes.withUnsafeReadableBytes { reason.take(UnsafeRawBufferPointer(rebasing: $0.dropFirst(2))) }
        guard isText, reason.isComplete else { return .violation(.dataInconsistentWithMessage) }
        return .close(WebSocketErrorCode(codeNumber: Int(code)))
    }

    /// 7.4.1 and 7.4.2: codes that an endpoint may put into a close frame.
    private static func mayBeSent(_ code: UInt16) -> Bool {
        (1000...1014).contains(code) && ![1004, 1005, 1006].contains(code) || (3000...4999).contains(code)
    }
}
