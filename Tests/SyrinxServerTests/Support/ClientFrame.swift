// SPDX-License-Identifier: Apache-2.0

/// A WebSocket frame as a client sends it (RFC 6455 5.2), well-formed unless told otherwise.
struct ClientFrame: Sendable {
    enum Opcode {
        static let continuation: UInt8 = 0x0
        static let text: UInt8 = 0x1
        static let binary: UInt8 = 0x2
        static let close: UInt8 = 0x8
        static let ping: UInt8 = 0x9
        static let pong: UInt8 = 0xA
    }

    var opcode: UInt8
    var payload: [UInt8]
    var isLast = true
    /// RSV1 to RSV3, as the three bits behind FIN.
    var reserved: UInt8 = 0
    var isMasked = true
    /// What the header says instead of the payload's true length.
    var claimedLength: UInt64?

    init(_ opcode: UInt8, _ payload: [UInt8] = []) {
        self.opcode = opcode
        self.payload = payload
    }

    static func audio(_ bytes: [UInt8]) -> ClientFrame { ClientFrame(Opcode.binary, bytes) }
    static func text(_ text: String) -> ClientFrame { ClientFrame(Opcode.text, Array(text.utf8)) }
    static func close(_ code: UInt16) -> ClientFrame {
        ClientFrame(Opcode.close, [UInt8(code >> 8), UInt8(code & 255)])
    }

    /// One message in fragments of at most `size` bytes (5.4).
    static func fragments(_ opcode: UInt8, _ payload: [UInt8], of size: Int) -> [ClientFrame] {
        let starts = Array(stride(from: 0, to: payload.count, by: size))
        return starts.map { start in
            var frame = ClientFrame(start == 0 ? opcode : Opcode.continuation)
            frame.payload = Array(payload[start..<min(start + size, payload.count)])
            frame.isLast = start == starts.last
            return frame
        }
    }

    var bytes: [UInt8] {
        var bytes = [(isLast ? 0x80 : 0) | reserved << 4 | opcode]
        bytes += length
        guard isMasked else { return bytes + payload }
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
    }

    /// 5.2: 7 bits, or 16, or 64.
    private var length: [UInt8] {
        let mask: UInt8 = isMasked ? 0x80 : 0
        let count = claimedLength ?? UInt64(payload.count)
        switch count {
        case 0..<126: return [mask | UInt8(count)]
        case 126..<65_536: return [mask | 126] + Self.bigEndian(count, bytes: 2)
        default: return [mask | 127] + Self.bigEndian(count, bytes: 8)
        }
    }

    private static func bigEndian(_ value: UInt64, bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
