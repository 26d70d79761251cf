// SPDX-License-Identifier: Apache-2.0

/// Reads numbers in network order from bytes of a peer; every read says nil at the end.
struct ByteReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    var remaining: Int { bytes.count }

    mutating func read(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count else { return nil }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    mutating func readUInt8() -> UInt8? { bytes.popFirst() }
    mutating func readUInt16() -> UInt16? { readInteger() }
    mutating func readUInt32() -> UInt32? { readInteger() }
    mutating func readUInt64() -> UInt64? { readInteger() }

    private mutating func readInteger<Value: FixedWidthInteger>() -> Value? {
        guard let bytes = read(Value.bitWidth / 8) else { return nil }
        return bytes.reduce(Value(0)) { $0 << 8 | Value(truncatingIfNeeded: $1) }
    }
}

extension [UInt8] {
    /// Appends a number in network order.
    mutating func append<Value: FixedWidthInteger>(bigEndian value: Value) {
        for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }

    /// Writes a number in network order over what is there.
    mutating func overwrite(_ value: UInt16, at index: Int) {
        guard index >= 0, index + 1 < count else { return }
        self[index] = UInt8(truncatingIfNeeded: value >> 8)
        self[index + 1] = UInt8(truncatingIfNeeded: value)
    }
}
