// SPDX-License-Identifier: Apache-2.0

/// Leaves out emoji, with the marks that join and colour them, and the second of the two spaces around them. Nothing is
/// held back: each scalar is judged by those before it.
struct EmojiStream: Sendable, Equatable {
    private var isBehindEmoji = false
    private var isBehindSpace = true

    mutating func append(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where keeps(scalar) {
            result.append(scalar)
            isBehindSpace = scalar.properties.isWhitespace
        }
        return String(result)
    }

    private mutating func keeps(_ scalar: Unicode.Scalar) -> Bool {
        if Self.isPicture(scalar) {
            isBehindEmoji = true
            return false
        }
        // The keycap of a digit, and what asks for a picture in place of a letter: what they stand on stays.
        if scalar.value == 0xFE0F || scalar.value == 0x20E3 { return false }
        if isBehindEmoji, Self.joins(scalar) { return false }
        defer { isBehindEmoji = false }
        return !(isBehindEmoji && isBehindSpace && scalar == " ")
    }

    private static func isPicture(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Symbols and dingbats, pictographs.
        case 0x2600...0x27BF, 0x1F000...0x1FAFF: true
        default: scalar.properties.isEmojiPresentation
        }
    }

    /// The zero-width joiner and the tags of flags; within words of other scripts the joiner has its own meaning.
    private static func joins(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0x200D || (0xE0020...0xE007F).contains(scalar.value)
    }
}
