// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// What the server sent over a WebSocket.
enum ServerMessage: Sendable, Equatable {
    case event(JSONValue)
    case audio([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case closed(Int?)
}

/// The server's bytes, cut into an HTTP answer or WebSocket frames as far as they are complete.
struct ServerBytes: Sendable {
    struct Malformed: Error { let why: String }

    private var bytes: [UInt8] = []
    private var start = 0

    mutating func add(_ more: [UInt8]) {
        bytes.removeFirst(start)
        start = 0
        bytes += more
    }

    var isEmpty: Bool { start == bytes.count }

    private var rest: ArraySlice<UInt8> { bytes[start...] }

    // MARK: HTTP

    /// The next whole answer; the body goes by its `content-length`, or comes in chunks (RFC 9112 7.1).
    mutating func reply() throws -> HTTPReply? {
        guard let end = rest.endOfHead else { return nil }
        var reply = try HTTPReply(head: String(decoding: rest[..<end], as: UTF8.self))
        if reply["transfer-encoding"] == "chunked" {
            guard let (body, after) = try chunks(from: end) else { return nil }
            reply.body = body
            start = after
            return reply
        }
        let length = reply.status == 101 ? 0 : Int(reply["content-length"] ?? "") ?? 0
        guard rest.endIndex - end >= length else { return nil }
        reply.body = Array(rest[end..<end + length])
        start = end + length
        return reply
    }

    private func chunks(from first: Int) throws -> (body: [UInt8], end: Int)? {
        var body: [UInt8] = []
        var at = first
        while let line = bytes[at...].firstIndex(of: 10) {
            let text = String(decoding: bytes[at..<line], as: UTF8.self).filter { $0.isHexDigit }
            guard let length = Int(text, radix: 16) else { throw Malformed(why: "chunk \(text)") }
            let end = line + 1 + length + 2
            guard bytes.count >= end else { return nil }
            if length == 0 { return (body, end) }
            body += bytes[(line + 1)..<(line + 1 + length)]
            at = end
        }
        return nil
    }

    // MARK: WebSocket

    /// The next whole frame. A server does not mask (RFC 6455 5.1), and Syrinx does not fragment.
    mutating func message() throws -> ServerMessage? {
        guard let (opcode, payload) = try frame() else { return nil }
        switch opcode {
        case ClientFrame.Opcode.binary: return .audio(payload)
        case ClientFrame.Opcode.text: return .event(try JSONValue(parsing: payload))
        case ClientFrame.Opcode.ping: return .ping(payload)
        case ClientFrame.Opcode.pong: return .pong(payload)
        case ClientFrame.Opcode.close:
            return .closed(payload.count < 2 ? nil : Int(payload[0]) << 8 | Int(payload[1]))
        default: throw Malformed(why: "opcode \(opcode)")
        }
    }

    private mutating func frame() throws -> (opcode: UInt8, payload: [UInt8])? {
        let rest = rest
        guard rest.count >= 2 else { return nil }
        let (first, second) = (rest[start], rest[start + 1])
        guard first & 0xF0 == 0x80, second & 0x80 == 0 else { throw Malformed(why: "flags \(first) \(second)") }
        let extra = second == 127 ? 8 : second == 126 ? 2 : 0
        guard rest.count >= 2 + extra else { return nil }
        let length = extra == 0 ? Int(second) : rest[(start + 2)..<(start + 2 + extra)].reduce(0) { $0 << 8 | Int($1) }
        let body = start + 2 + extra
        guard bytes.count - body >= length else { return nil }
        start = body + length
        return (first & 0x0F, Array(bytes[body..<start]))
    }
}

extension ArraySlice<UInt8> {
    /// Behind the empty line that ends a head.
    fileprivate var endOfHead: Int? {
        guard count >= 4 else { return nil }
        return (startIndex...(endIndex - 4)).first { self[$0..<$0 + 4].elementsEqual("\r\n\r\n".utf8) }.map { $0 + 4 }
    }
}
