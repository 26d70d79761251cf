// SPDX-License-Identifier: Apache-2.0

/// The few string habits of this target, without Foundation.
extension String {
    package var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }

    /// Two pieces of speech in a row: a space between them, except in scripts that use none.
    package func joined(_ next: String) -> String {
        if isEmpty { return next }
        guard let left = last, let right = next.first else { return self }
        return left.isUnspaced && right.isUnspaced ? self + next : self + " " + next
    }

    /// Lower case words without punctuation: "Mm-hm, that's fine." is `["mmhm", "thats", "fine"]`.
    package var normalisedWords: [String] {
        var words: [String] = []
        var word = ""
        for character in lowercased() {
            if character.isLetter || character.isNumber {
                word.append(character)
            } else if !character.isInsideWord, !word.isEmpty {
                words.append(word)
                word = ""
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// Equal for two transcripts that say the same: an answer that was asked for early is good for it.
    package var normalisedTranscript: String { normalisedWords.joined(separator: " ") }
}

extension Character {
    private var isApostrophe: Bool { self == "'" || self == "\u{2019}" }

    /// Swallowed rather than taken as the end of a word.
    fileprivate var isInsideWord: Bool { isApostrophe || self == "-" }

    /// Chinese, Japanese and Korean-style full-width characters, written without spaces.
    package var isUnspaced: Bool {
        guard let value = unicodeScalars.first?.value else { return false }
        return (0x3000...0x30FF).contains(value) || (0x3400...0x9FFF).contains(value)
            || (0xFF00...0xFFEF).contains(value)
    }
}
