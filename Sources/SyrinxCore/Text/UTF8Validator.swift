// SPDX-License-Identifier: Apache-2.0

/// Tells whether bytes that come in pieces are UTF-8 (RFC 3629, Unicode table 3-7), at the first byte that cannot be.
package struct UTF8Validator: Sendable {
    /// Bytes of the character that are still to come.
    private var missing = 0
    /// What the next of them may be; narrower after a first byte that allows overlong forms, surrogates, or too much.
    private var allowed: ClosedRange<UInt8> = Self.tail

    private static let tail: ClosedRange<UInt8> = 0x80...0xBF
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// At the beginning of a text.
    package init() {}

    /// Whether no character is half there.
    package var isComplete: Bool { missing == 0 }

    /// False = these bytes, after those before, begin no valid text.
    package mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if missing == 0 { index += Self.countASCII(bytes, from: index) }
            guard index < bytes.count else { break }
            guard take(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    /// Most text is ASCII: eight bytes at a time.
    private static func countASCII(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var end = start
        while bytes.count - end >= 8, bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self) & highBits == 0 {
            end += 8
        }
        return end - start
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        if missing == 0 { return begin(byte) }
        guard allowed.contains(byte) else { return false }
        missing -= 1
        allowed = Self.tail
        return true
    }

    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, allowed) = (2, 0xA0...0xBF)
        case 0xED: (missing, allowed) = (2, 0x80...0x9F)
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, allowed) = (3, 0x90...0xBF)
        case 0xF1...0xF3: missing = 3
        case 0xF4: (missing, allowed) = (3, 0x80...0x8F)
        default: return false
        }
        return true
    }
}
