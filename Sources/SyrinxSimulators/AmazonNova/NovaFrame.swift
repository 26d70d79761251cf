// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// A frame of `application/vnd.amazon.eventstream`, as far as Bedrock uses it: dates, bytes and texts in the headers.
struct NovaFrame: Hashable, Sendable {
    enum Value: Hashable, Sendable {
        case bytes([UInt8])
        case string(String)
        /// Milliseconds since 1970.
        case timestamp(Int64)
    }

    /// A client's frame holds an audio chunk, or a line of the history.
    static let maximumLength = 1 << 20

    var headers: [(name: String, value: Value)]
    var payload: [UInt8]

    static func == (one: NovaFrame, other: NovaFrame) -> Bool { one.encoded == other.encoded }

    func hash(into hasher: inout Hasher) { hasher.combine(payload) }

    func header(_ name: String) -> Value? { headers.first { $0.name == name }?.value }

    /// A header as it travels: part of what an event's signature covers.
    static func encoded(_ name: String, _ value: Value) -> [UInt8] {
        let head = [UInt8(truncatingIfNeeded: name.utf8.count)] + Array(name.utf8)
        switch value {
        case .bytes(let bytes): return head + [6] + big(UInt16(truncatingIfNeeded: bytes.count)) + bytes
        case .string(let text): return head + [7] + big(UInt16(truncatingIfNeeded: text.utf8.count)) + Array(text.utf8)
        case .timestamp(let time): return head + [8] + big(time)
        }
    }

    var encoded: [UInt8] {
        let head = headers.flatMap { Self.encoded($0.name, $0.value) }
        var frame = Self.big(UInt32(truncatingIfNeeded: 16 + head.count + payload.count))
        frame += Self.big(UInt32(truncatingIfNeeded: head.count))
        frame += Self.big(CRC.checksum(frame[...]))
        frame += head + payload
        return frame + Self.big(CRC.checksum(frame[...]))
    }

    private static func big<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

extension NovaFrame {
    /// What the model says: `{"bytes": base64}`.
    static func chunk(_ event: [UInt8]) -> [UInt8] {
        let payload = JSONValue.object(["bytes": .string(Base64Text.encode(event))]).text
        return frame([":message-type": "event", ":event-type": "chunk"], payload)
    }

    static func exception(_ type: String, _ message: String) -> [UInt8] {
        let payload = JSONValue.object(["message": .string(message)]).text
        return frame([":message-type": "exception", ":exception-type": type], payload)
    }

    private static func frame(_ names: KeyValuePairs<String, String>, _ payload: String) -> [UInt8] {
        let headers = names.map { ($0.key, Value.string($0.value)) }
        return NovaFrame(
            headers: headers + [(":content-type", .string("application/json"))], payload: Array(payload.utf8)
        ).encoded
    }
}

/// Takes bytes in pieces and returns whole frames.
struct NovaFrameReader {
    struct Malformed: Error { let reason: String }

    private var buffer: [UInt8] = []

    mutating func feed(_ bytes: [UInt8]) throws(Malformed) -> [NovaFrame] {
        buffer += bytes
        var (frames, start): ([NovaFrame], Int) = ([], 0)
        while buffer.count - start >= 12 {
            let length = Int(word(start))
            guard CRC.checksum(buffer[start..<start + 8]) == word(start + 8) else { throw Malformed(reason: "prelude") }
            guard (16...NovaFrame.maximumLength).contains(length), Int(word(start + 4)) <= length - 16 else {
                throw Malformed(reason: "lengths")
            }
            guard buffer.count - start >= length else { break }
            frames.append(try frame(start, length))
            start += length
        }
        buffer.removeFirst(start)
        return frames
    }

    private func frame(_ start: Int, _ length: Int) throws(Malformed) -> NovaFrame {
        let end = start + length - 4
        guard CRC.checksum(buffer[start..<end]) == word(end) else { throw Malformed(reason: "checksum") }
        let payload = start + 12 + Int(word(start + 4))
        var headers: [(String, NovaFrame.Value)] = []
        var rest = buffer[(start + 12)..<payload]
        while !rest.isEmpty { headers.append(try Self.header(&rest)) }
        return NovaFrame(headers: headers, payload: Array(buffer[payload..<end]))
    }

    private static func header(_ rest: inout ArraySlice<UInt8>) throws(Malformed) -> (String, NovaFrame.Value) {
        let name = String(decoding: try take(Int(try number(1, &rest)), &rest), as: UTF8.self)
        switch try number(1, &rest) {
        case 6: return (name, .bytes(Array(try take(Int(try number(2, &rest)), &rest))))
        case 7: return (name, .string(String(decoding: try take(Int(try number(2, &rest)), &rest), as: UTF8.self)))
        case 8: return (name, .timestamp(Int64(bitPattern: try number(8, &rest))))
        default: throw Malformed(reason: "a header's type")
        }
    }

    private static func number(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws(Malformed) -> UInt64 {
        try take(count, &rest).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws(Malformed) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw Malformed(reason: "a header's length") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private func word(_ place: Int) -> UInt32 {
        buffer[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// CRC-32 of IEEE 802.3.
private enum CRC {
    private static let table: [UInt32] = (0..<256).map { value in
        (0..<8).reduce(UInt32(value)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
    }

    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        let table = table
        return ~bytes.reduce(UInt32.max) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }
}
