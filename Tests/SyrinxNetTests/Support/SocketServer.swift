// SPDX-License-Identifier: Apache-2.0

@testable import SyrinxNet

/// What a test's server says over a WebSocket, byte for byte.
extension ServerConnection {
    struct Frame: Equatable, Sendable {
        let isFinal: Bool
        let opcode: UInt8
        let payload: [UInt8]
        let isMasked: Bool
    }

    /// Answers the upgrade.
    @discardableResult
    func accept(_ more: String = "") async throws -> String {
        let head = try await head()
        try await send(Self.acceptance(head, more))
        return head
    }

    static func acceptance(_ head: String, _ more: String = "") -> String {
        let key = head.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Key: ") }?.dropFirst(19) ?? ""
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: \(Upgrade.accept(for: String(key)))\r\n\(more)\r\n"
    }

    /// A frame as a server sends it.
    static func frame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        var bytes = [opcode | (isFinal ? 0x80 : 0)]
        switch payload.count {
        case 0...125: bytes.append(UInt8(payload.count))
        case 126...0xffff: bytes += [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        default: bytes += [127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        return bytes + payload
    }

    static func text(_ text: String) -> [UInt8] { frame(1, Array(text.utf8)) }

    /// The client's next frame, unmasked.
    func frame() async throws -> Frame {
        let start = try await bytes(2)
        var length = Int(start[1] & 0x7f)
        if length == 126 { length = try await bytes(2).reduce(0) { $0 << 8 | Int($1) } }
        if length == 127 { length = try await bytes(8).reduce(0) { $0 << 8 | Int($1) } }
        let isMasked = start[1] & 0x80 != 0
        let mask = isMasked ? try await bytes(4) : [0, 0, 0, 0]
        let payload = try await bytes(length).enumerated().map { $1 ^ mask[$0 & 3] }
        return Frame(isFinal: start[0] & 0x80 != 0, opcode: start[0] & 0x0f, payload: payload, isMasked: isMasked)
    }
}
