// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Secrets by their value, in each form in which they may stand in a text.
struct SecretValues: Sendable {
    /// Shorter ones would take ordinary words apart.
    static let minimumBytes = 4
    /// A line of a longer secret, such as a key in PEM, is looked for alone from this length.
    private static let minimumLine = 16
    static let maximumCount = 10_000

    /// By first byte, so that a text is gone through once.
    private var forms = [[[UInt8]]](repeating: [], count: 256)
    private(set) var isEmpty = true

    init(_ secrets: some Sequence<String>) {
        var known: Set<[UInt8]> = []
        for secret in secrets {
            for form in Self.forms(of: secret) where known.insert(form).inserted {
                guard let first = form.first else { continue }
                forms[Int(first)].append(form)
                isEmpty = false
            }
        }
    }

    /// Where they are, in order; they may overlap.
    func ranges(in bytes: [UInt8]) -> [Range<Int>] {
        guard !isEmpty else { return [] }
        var ranges: [Range<Int>] = []
        for (start, byte) in bytes.enumerated() {
            for form in forms[Int(byte)] where bytes[start...].starts(with: form) {
                ranges.append(start..<start + form.count)
            }
        }
        return ranges
    }

    private static func forms(of secret: String) -> [[UInt8]] {
        let quoted = JSONValue.string(secret).text.utf8.dropFirst().dropLast()
        var texts = [Array(secret.utf8), Array(quoted), percentEncoded(secret)]
        let lines = secret.utf8.split { $0 == 0x0A || $0 == 0x0D }
        if lines.count > 1 {
            // The frame of a key in PEM is no secret.
            texts += lines.filter { $0.count >= minimumLine && $0.first != UInt8(ascii: "-") }.map { Array($0) }
        }
        return texts.filter { $0.count >= minimumBytes }
    }

    /// RFC 3986 2.3: everything but the unreserved.
    private static func percentEncoded(_ text: String) -> [UInt8] {
        text.utf8.flatMap { byte -> [UInt8] in
            if ASCII.isWord(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == 0x7E {
                return [byte]
            }
            let digits = String(byte, radix: 16, uppercase: true)
            return Array("%\(byte < 16 ? "0" : "")\(digits)".utf8)
        }
    }
}

/// Classes of characters.
enum ASCII {
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
    static func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == UInt8(ascii: "_") }
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    /// RFC 9110's token68, and base64 of both alphabets.
    static func isToken(_ byte: UInt8) -> Bool { isWord(byte) || "-.~+/=".utf8.contains(byte) }
    static func lowercased(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte | 0x20 : byte }
}
