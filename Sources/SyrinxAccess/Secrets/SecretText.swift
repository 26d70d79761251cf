// SPDX-License-Identifier: Apache-2.0

/// How the secrets of this server look: a prefix that says what they are, for people and for scanners of leaked
/// secrets, and random letters and digits, which a double click selects as one word.
enum SecretText {
    /// 43 of 62 characters: 256.03 bits.
    static let characters = 43

    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// From the system's cryptographic source; every character is equally likely.
    static func random(_ count: Int = characters) -> String {
        var source = SystemRandomNumberGenerator()
        let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &source)] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether it is `prefix` and `count` letters and digits.
    static func isWellFormed(_ text: some StringProtocol, prefix: String, count: Int = characters) -> Bool {
        let bytes = text.utf8
        return bytes.count == prefix.utf8.count + count && bytes.starts(with: prefix.utf8)
            && bytes.dropFirst(prefix.utf8.count).allSatisfy(isLetterOrDigit)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
