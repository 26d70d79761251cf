// SPDX-License-Identifier: Apache-2.0

/// Reads protobuf's wire format. Total: whatever the bytes are, it yields fields or nil, and never more than it was given.
struct ProtoReader {
    enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
        /// Of a type that no message here has.
        case other
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next field; nil when the bytes are malformed.
    mutating func field() -> (number: UInt64, value: Value)? {
        guard let key = varint() else { return nil }
        let number = key >> 3
        guard number > 0 else { return nil }
        switch key & 7 {
        case 0: return varint().map { (number, .number($0)) }
        case 1: return skip(8) ? (number, .other) : nil
        case 2: return bytes().map { (number, .bytes($0)) }
        case 5: return skip(4) ? (number, .other) : nil
        // Groups are of proto2.
        default: return nil
        }
    }

    private mutating func varint() -> UInt64? {
        var result: UInt64 = 0
        for index in 0..<10 {
            guard let byte = rest.popFirst() else { return nil }
            // The tenth byte has one bit left.
            if index == 9, byte > 1 { return nil }
            result |= UInt64(byte & 0x7F) << UInt64(7 * index)
            if byte < 0x80 { return result }
        }
        return nil
    }

    private mutating func bytes() -> ArraySlice<UInt8>? {
        guard let count = varint().flatMap(Int.init(exactly:)), count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func skip(_ count: Int) -> Bool {
        guard rest.count >= count else { return false }
        rest = rest.dropFirst(count)
        return true
    }
}

/// Writes protobuf's wire format; fields with the value zero are left out.
struct ProtoWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ field: UInt64, number: UInt64) {
        guard number != 0 else { return }
        varint(field << 3)
        varint(number)
    }

    mutating func write(_ field: UInt64, bytes value: some Collection<UInt8>) {
        varint(field << 3 | 2)
        varint(UInt64(value.count))
        bytes += value
    }

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: value))
    }
}
