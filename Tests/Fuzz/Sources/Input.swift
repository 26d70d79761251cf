// SPDX-License-Identifier: Apache-2.0

/// Takes an input apart into the steps of a state machine.
struct Input {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// Zero at the end.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func word() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }

    /// At most so many bytes.
    mutating func take(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// A piece with its length, of two bytes, before it.
    mutating func piece() -> [UInt8] { take(Int(word())) }
}

extension [UInt8] {
    /// As the server reads a text: repaired where it is no UTF-8.
    var text: String { String(decoding: self, as: UTF8.self) }

    var lines: [String] { split(separator: UInt8(ascii: "\n")).map { Array($0).text } }
}
