// SPDX-License-Identifier: Apache-2.0

/// Base64 with the standard alphabet (RFC 4648, 4), as vendors carry audio in JSON.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// The values of the 256 bytes; 255 = not in the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    /// Encodes bytes, with padding.
    public static func encode(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes(encode)
    }

    /// Encodes 16 bit samples as little-endian bytes.
    public static func encode(_ samples: [Int16]) -> String {
        samples.withUnsafeBytes(encode)
    }

    /// Encodes 16 bit samples as little-endian bytes.
    public static func encode(_ samples: Span<Int16>) -> String {
        samples.withUnsafeBytes(encode)
    }

    /// Decodes a text; nil when it holds anything else. The padding may be missing, but not be wrong.
    public static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8(decode)
    }

    private static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        let letters = alphabet
        let count = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: count) { room in
            var place = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let left = bytes.count - start
                let first = UInt32(bytes[start])
                let second = left > 1 ? UInt32(bytes[start + 1]) : 0
                let third = left > 2 ? UInt32(bytes[start + 2]) : 0
                let group = first << 16 | second << 8 | third
                room[place] = letters[Int(group >> 18)]
                room[place + 1] = letters[Int(group >> 12 & 63)]
                room[place + 2] = left > 1 ? letters[Int(group >> 6 & 63)] : padding
                room[place + 3] = left > 2 ? letters[Int(group & 63)] : padding
                place += 4
            }
            return place
        }
    }

    private static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var count = text.count
        while count > 0, text.count - count < 2, text[count - 1] == padding { count -= 1 }
        // Padding fills the last group up, or is missing as a whole.
        guard count % 4 != 1, count == text.count || text.count % 4 == 0 else { return nil }
        let values = values
        var result: [UInt8] = []
        result.reserveCapacity(count * 3 / 4)
        var (group, bits): (UInt32, UInt32) = (0, 0)
        for index in 0..<count {
            let value = values[Int(text[index])]
            guard value < 64 else { return nil }
            group = (group << 6 | UInt32(value)) & 0xFFFFFF
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            result.append(UInt8(truncatingIfNeeded: group >> bits))
        }
        return result
    }
}
