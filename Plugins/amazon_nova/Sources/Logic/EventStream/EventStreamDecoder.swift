// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Takes event-stream bytes, however they are cut, and returns whole frames.
///
/// Both checksums and all lengths are checked before anything is read; after an error the stream is of no use.
struct EventStreamDecoder: Sendable {
    private let payloadLimit: Int
    private var buffer: [UInt8] = []

    /// - Parameter payloadLimit: The most bytes of one payload; the format's own limit unless told.
    init(payloadLimit: Int = EventMessage.maximumPayload) {
        self.payloadLimit = payloadLimit
    }

    /// True between two frames.
    var isAtBoundary: Bool { buffer.isEmpty }

    /// - Throws: ``PluginError`` with ``Status/internalError`` for anything but a frame.
    mutating func feed(_ bytes: [UInt8]) throws(PluginError) -> [EventMessage] {
        buffer += bytes
        var (messages, start): ([EventMessage], Int) = ([], 0)
        while let length = try frameLength(at: start), buffer.count - start >= length {
            messages.append(try message(at: start, length: length))
            start += length
        }
        buffer.removeFirst(start)
        return messages
    }

    /// The whole length of the frame at `start`; nil while its prelude is not complete.
    private func frameLength(at start: Int) throws(PluginError) -> Int? {
        guard buffer.count - start >= 12 else { return nil }
        let total = Int(buffer.bigEndianUInt32(at: start))
        let headers = Int(buffer.bigEndianUInt32(at: start + 4))
        guard CRC32.checksum(buffer[start..<start + 8]) == buffer.bigEndianUInt32(at: start + 8) else {
            throw .malformed("the checksum of a prelude is wrong")
        }
        guard total >= EventMessage.overhead, headers <= EventMessage.maximumHeaders,
            headers <= total - EventMessage.overhead, total - EventMessage.overhead - headers <= payloadLimit
        else { throw .malformed("a frame has impossible lengths") }
        return total
    }

    private func message(at start: Int, length: Int) throws(PluginError) -> EventMessage {
        let end = start + length - 4
        guard CRC32.checksum(buffer[start..<end]) == buffer.bigEndianUInt32(at: end) else {
            throw .malformed("the checksum of a frame is wrong")
        }
        let payload = start + 12 + Int(buffer.bigEndianUInt32(at: start + 4))
        var reader = HeaderReader(rest: buffer[(start + 12)..<payload])
        var headers: [EventMessage.Header] = []
        while !reader.rest.isEmpty { headers.append(try reader.header()) }
        return EventMessage(headers: headers, payload: Array(buffer[payload..<end]))
    }
}

/// Reads the headers of one frame.
private struct HeaderReader {
    var rest: ArraySlice<UInt8>

    mutating func header() throws(PluginError) -> EventMessage.Header {
        let count = Int(try number(UInt8.self))
        guard count > 0 else { throw .malformed("a header has no name") }
        let name = String(decoding: try take(count), as: UTF8.self)
        return EventMessage.Header(name: name, value: try value())
    }

    private mutating func value() throws(PluginError) -> EventMessage.Value {
        switch try number(UInt8.self) {
        case 0: .bool(true)
        case 1: .bool(false)
        case 2: .int8(try number(Int8.self))
        case 3: .int16(try number(Int16.self))
        case 4: .int32(try number(Int32.self))
        case 5: .int64(try number(Int64.self))
        case 6: .bytes(try counted())
        case 7: .string(String(decoding: try counted(), as: UTF8.self))
        case 8: .timestamp(try number(Int64.self))
        case 9: .uuid(Array(try take(16)))
        case let type: throw .malformed("a header has the unknown type \(type)")
        }
    }

    private mutating func counted() throws(PluginError) -> [UInt8] {
        Array(try take(Int(try number(UInt16.self))))
    }

    private mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(PluginError) -> Number {
        try take(Number.bitWidth / 8).reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }

    private mutating func take(_ count: Int) throws(PluginError) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw .malformed("a header ends too early") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

extension PluginError {
    /// The vendor sent what its protocol does not know.
    static func malformed(_ what: String) -> PluginError {
        PluginError(.internalError, "Amazon Bedrock sent a malformed event stream: \(what)")
    }
}
