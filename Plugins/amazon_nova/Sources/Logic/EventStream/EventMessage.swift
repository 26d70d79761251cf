// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// One frame of `application/vnd.amazon.eventstream` (protocol page, "Event-stream frame").
struct EventMessage: Hashable, Sendable {
    /// A header's value, by its type on the wire.
    enum Value: Hashable, Sendable {
        case bool(Bool)
        case int8(Int8)
        case int16(Int16)
        case int32(Int32)
        case int64(Int64)
        case bytes([UInt8])
        case string(String)
        /// Milliseconds since 1970.
        case timestamp(Int64)
        /// 16 bytes.
        case uuid([UInt8])
    }

    struct Header: Hashable, Sendable {
        var name: String
        var value: Value
    }

    /// Lengths of prelude (12) and closing checksum (4).
    static let overhead = 16
    static let maximumHeaders = 128 << 10
    static let maximumPayload = 16 << 20

    var headers: [Header]
    var payload: [UInt8]

    /// The value of the first header of this name, if it is text.
    func text(_ name: String) -> String? {
        guard case .string(let text)? = headers.first(where: { $0.name == name })?.value else { return nil }
        return text
    }
}

// MARK: Encoding

extension EventMessage {
    /// The frame's bytes.
    ///
    /// - Throws: ``PluginError`` with ``Status/invalid`` when a limit of the format is exceeded.
    func encoded() throws(PluginError) -> [UInt8] {
        var headerBytes: [UInt8] = []
        for header in headers { headerBytes += try header.encoded() }
        guard headerBytes.count <= Self.maximumHeaders, payload.count <= Self.maximumPayload else {
            throw .invalid("an event of \(payload.count) bytes is too large for the event stream")
        }
        let total = Self.overhead + headerBytes.count + payload.count
        var frame: [UInt8] = []
        frame.reserveCapacity(total)
        frame += UInt32(total).bigEndianBytes
        frame += UInt32(headerBytes.count).bigEndianBytes
        frame += CRC32.checksum(frame[...]).bigEndianBytes
        frame += headerBytes
        frame += payload
        frame += CRC32.checksum(frame[...]).bigEndianBytes
        return frame
    }
}

extension EventMessage.Header {
    func encoded() throws(PluginError) -> [UInt8] {
        let name = Array(name.utf8)
        guard (1...255).contains(name.count) else { throw .invalid("a header's name has \(name.count) bytes") }
        return [UInt8(name.count)] + name + (try value.encoded())
    }
}

extension EventMessage.Value {
    func encoded() throws(PluginError) -> [UInt8] {
        switch self {
        case .bool(let value): [value ? 0 : 1]
        case .int8(let value): [2] + value.bigEndianBytes
        case .int16(let value): [3] + value.bigEndianBytes
        case .int32(let value): [4] + value.bigEndianBytes
        case .int64(let value): [5] + value.bigEndianBytes
        case .bytes(let value): [6] + (try Self.counted(value))
        case .string(let value): [7] + (try Self.counted(Array(value.utf8)))
        case .timestamp(let value): [8] + value.bigEndianBytes
        case .uuid(let value): [9] + value.prefix(16) + [UInt8](repeating: 0, count: 16 - min(16, value.count))
        }
    }

    private static func counted(_ bytes: [UInt8]) throws(PluginError) -> [UInt8] {
        guard let count = UInt16(exactly: bytes.count) else { throw .invalid("a header has \(bytes.count) bytes") }
        return count.bigEndianBytes + bytes
    }
}
