// SPDX-License-Identifier: Apache-2.0

/// The secret of a signature as Standard Webhooks writes it: `whsec_` and base64 of the key. Any other text is the key
/// itself, byte for byte.
package enum SigningSecret {
    package static let prefix = "whsec_"

    /// The key's bytes; nil when nothing, or no base64 (RFC 4648, 4, with its padding), is behind the prefix.
    package static func key(_ secret: String) -> [UInt8]? {
        guard secret.hasPrefix(prefix) else { return secret.isEmpty ? nil : Array(secret.utf8) }
        let key = decoded(Array(secret.utf8.dropFirst(prefix.utf8.count)))
        return key?.isEmpty ?? true ? nil : key
    }

    private static func decoded(_ text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        let digits = text.prefix { $0 != UInt8(ascii: "=") }
        let padding = text[digits.endIndex...]
        guard padding.count <= 2, padding.allSatisfy({ $0 == UInt8(ascii: "=") }) else { return nil }
        var bytes: [UInt8] = []
        var (bits, count): (UInt32, Int) = (0, 0)
        for digit in digits {
            guard let value = value(digit) else { return nil }
            bits = bits << 6 | value
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            bits &= 1 << UInt32(count) - 1
        }
        // What is left over is zero in a text that was encoded.
        return bits == 0 ? bytes : nil
    }

    private static func value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
