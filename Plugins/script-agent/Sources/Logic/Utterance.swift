// SPDX-License-Identifier: Apache-2.0

/// What the caller said, as words: lower case, without punctuation or apostrophes, as a small recogniser writes it.
struct Utterance: Equatable {
    /// More than anyone says in a turn; the rest is ignored, so that matching stays quick.
    static let maximumWords = 80

    private(set) var words: [String]

    init(_ text: String) {
        words = Self.words(text)
    }

    /// Takes words out of play that a slot has used already.
    mutating func consume(_ range: Range<Int>) {
        for index in range { words[index] = "" }
    }

    static func words(_ text: some StringProtocol) -> [String] {
        var words: [String] = []
        var word = ""
        func endWord() {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
        for character in text.prefix(maximumWords * 16) where words.count < maximumWords {
            if character.isLetter || character.isNumber || (character == ":" && !word.isEmpty) {
                word += character.lowercased()
            } else if character != "'" && character != "\u{2019}" {
                endWord()
            }
        }
        if words.count < maximumWords { endWord() }
        return words
    }
}
