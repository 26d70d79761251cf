// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket

/// Puts the fragments of WebSocket messages together and checks the rules that the codec leaves to us (RFC 6455 5.4,
/// 5.5, 7.4.1).
struct MessageAssembler {
    enum Result {
        case audio(ByteBuffer)
        case text(ByteBuffer)
        case ping(ByteBuffer)
        case close(WebSocketErrorCode)
        case violation(WebSocketErrorCode)
        case more
    }

    /// Bytes of one message.
    var limit = 262_144
    private var kind: WebSocketOpcode?
    private var collected = ByteBuffer()

    mutating func take(_ frame: WebSocketFrame) -> Result {
        // A client must mask (5.1); nobody has negotiated an extension (5.2).
        guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return .violation(.protocolError) }
        let bytes = frame.unmaskedData
        switch frame.opcode {
        case .binary, .text:
            guard kind == nil else { return .violation(.protocolError) }
            guard bytes.readableBytes <= limit else { return .violation(.messageTooLarge) }
            if frame.fin { return message(frame.opcode, bytes) }
            kind = frame.opcode
            collected = bytes
            return .more
        case .continuation: return continued(bytes, last: frame.fin)
        case .ping: return frame.fin ? .ping(bytes) : .violation(.protocolError)
        case .pong: return frame.fin ? .more : .violation(.protocolError)
        case .connectionClose: return close(bytes, last: frame.fin)
        default: return .violation(.protocolError)
        }
    }

    private mutating func continued(_ bytes: ByteBuffer, last: Bool) -> Result {
        guard let kind else { return .violation(.protocolError) }
        guard collected.readableBytes + bytes.readableBytes <= limit else { return .violation(.messageTooLarge) }
        collected.writeImmutableBuffer(bytes)
        guard last else { return .more }
        self.kind = nil
        defer { collected = ByteBuffer() }
        return message(kind, collected)
    }

    private func message(_ kind: WebSocketOpcode, _ bytes: ByteBuffer) -> Result {
        kind == .text ? .text(bytes) : .audio(bytes)
    }

    private func close(_ bytes: ByteBuffer, last: Bool) -> Result {
        guard last, bytes.readableBytes != 1 else { return .violation(.protocolError) }
        guard let code = bytes.getInteger(at: bytes.readerIndex, as: UInt16.self) else { return .close(.normalClosure) }
        guard Self.mayBeSent(code) else { return .violation(.protocolError) }
        return .close(WebSocketErrorCode(codeNumber: Int(code)))
    }

    /// 7.4.1 and 7.4.2: codes that an endpoint may put into a close frame.
    private static func mayBeSent(_ code: UInt16) -> Bool {
        (1000...1014).contains(code) && ![1004, 1005, 1006].contains(code) || (3000...4999).contains(code)
    }
}
