// SPDX-License-Identifier: Apache-2.0

/// Lower-case hexadecimal numbers of fixed width.
enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    /// 16 digits.
    static func text(_ value: UInt64) -> String {
        let bytes = (0..<16).map { digits[Int((value >> (60 - UInt64($0) * 4)) & 0xF)] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// At most 16 digits, all lower-case; nil for anything else.
    static func value(_ text: some Collection<UInt8>) -> UInt64? {
        guard (1...16).contains(text.count) else { return nil }
        var value: UInt64 = 0
        for byte in text {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt64(byte - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(byte - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }
}
