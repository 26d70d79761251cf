// SPDX-License-Identifier: Apache-2.0

/// Writes a Protocol Buffers message (wire format of proto2), field by field.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    /// A message that `fill` writes.
    static func message(_ fill: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        fill(&writer)
        return writer.bytes
    }

    mutating func write(_ field: Int, _ value: UInt64) {
        tag(field, wire: 0)
        varint(value)
    }

    mutating func write(_ field: Int, _ value: Bool) {
        write(field, value ? 1 : 0 as UInt64)
    }

    mutating func write(_ field: Int, _ value: String) {
        write(field, Array(value.utf8))
    }

    mutating func write(_ field: Int, _ value: [UInt8]) {
        tag(field, wire: 2)
        varint(UInt64(value.count))
        bytes += value
    }

    mutating func write(_ field: Int, _ fill: (inout ProtobufWriter) -> Void) {
        write(field, Self.message(fill))
    }

    private mutating func tag(_ field: Int, wire: UInt64) {
        varint(UInt64(truncatingIfNeeded: field) << 3 | wire)
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
