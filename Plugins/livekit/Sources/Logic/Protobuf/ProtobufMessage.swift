// SPDX-License-Identifier: Apache-2.0

/// A Protocol Buffers message (wire format of proto2), taken apart one level deep.
///
/// Total: any bytes give a message or nil, and no accessor traps. Groups, which nobody uses any more, are refused.
struct ProtobufMessage: Sendable {
    private enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    /// More fields than any message of LiveKit's has: a whole room is some thousands.
    static let maximumFields = 1 << 16

    private var fields: [(number: UInt64, value: Value)] = []

    /// No field at all.
    init() {}

    /// Nil when the bytes are no message.
    init?(_ bytes: ArraySlice<UInt8>) {
        var reader = Reader(rest: bytes)
        while !reader.rest.isEmpty {
            guard fields.count < Self.maximumFields, let tag = reader.varint(), tag >> 3 > 0,
                let value = Self.value(wire: tag & 7, &reader)
            else { return nil }
            fields.append((tag >> 3, value))
        }
    }

    /// The same from an array.
    init?(_ bytes: [UInt8]) {
        self.init(bytes[...])
    }

    /// True when the field is there, whatever its type.
    func has(_ field: UInt64) -> Bool { fields.contains { $0.number == field } }

    /// The numbers of the fields that are there, in their order.
    var numbers: [UInt64] { fields.map(\.number) }

    /// The number; 0 when the field is missing or of another type. Of several the last counts, as the format wants it.
    func number(_ field: UInt64) -> UInt64 {
        guard case .number(let value) = last(field) else { return 0 }
        return value
    }

    func bool(_ field: UInt64) -> Bool { number(field) != 0 }

    /// The text, repaired UTF-8; empty when missing.
    func text(_ field: UInt64) -> String {
        guard case .bytes(let bytes) = last(field) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The nested message; nil when missing or broken.
    func message(_ field: UInt64) -> ProtobufMessage? {
        guard case .bytes(let bytes) = last(field) else { return nil }
        return ProtobufMessage(bytes)
    }

    /// All nested messages of a repeated field; broken ones are left out.
    func messages(_ field: UInt64) -> [ProtobufMessage] {
        fields.compactMap { number, value in
            guard number == field, case .bytes(let bytes) = value else { return nil }
            return ProtobufMessage(bytes)
        }
    }

    private func last(_ field: UInt64) -> Value? { fields.last { $0.number == field }?.value }

    private static func value(wire: UInt64, _ reader: inout Reader) -> Value? {
        switch wire {
        case 0: reader.varint().map(Value.number)
        case 1: reader.fixed(8).map(Value.number)
        case 2: reader.varint().flatMap(Int.init(exactly:)).flatMap { reader.take($0) }.map(Value.bytes)
        case 5: reader.fixed(4).map(Value.number)
        default: nil
        }
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func varint() -> UInt64? {
            var (result, shift): (UInt64, UInt64) = (0, 0)
            while shift < 64, let byte = rest.popFirst() {
                result |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return result }
                shift += 7
            }
            return nil
        }

        mutating func fixed(_ count: Int) -> UInt64? {
            take(count)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }

        mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count >= 0, count <= rest.count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
    }
}
