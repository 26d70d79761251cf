// SPDX-License-Identifier: Apache-2.0

/// What tells complete turns from unfinished ones in one language.
///
/// Phrases are lower case and without punctuation.
struct LanguageTable: Sendable {
    /// Words that only fill a pause.
    let fillers: Set<String>
    /// Words that need another one after them.
    let dangling: Set<String>
    /// Word sequences that need something after them.
    let danglingPhrases: [[String]]
    /// Prepositions that may end a question: "where are you from".
    let stranded: Set<String>
    /// Endings that look unfinished and are not: "hang on", "i do".
    let completeEndings: [[String]]
    /// Whole turns that are complete however short: "no thanks".
    let shortAnswers: Set<[String]>
    /// Endings by which the caller asks for time.
    let waiting: [[String]]
    /// First words of questions.
    let questionStarts: Set<String>
    /// First words of a clause that needs a second one.
    let conditionals: Set<String>
    /// Words that, second in the turn, make a question of a conditional: "when are …".
    let auxiliaries: Set<String>
    /// Words of digits, as they are dictated.
    let digits: Set<String>
    /// Words that announce a dictated number, with how many digits make it complete.
    let numberContexts: [String: Int]

    static let all: [String: LanguageTable] = ["en": english, "de": german, "fr": french, "es": spanish]

    /// The table for a language tag such as "de-AT"; nil for a language without one.
    static func table(for tag: String) -> LanguageTable? {
        all[String(tag.prefix { $0 != "-" && $0 != "_" }).lowercased()]
    }
}

/// Reads word lists that are written for people: words by spaces, phrases by commas.
enum WordList {
    static func words(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    static func phrases(_ text: String) -> [[String]] {
        text.split(whereSeparator: { $0 == "," || $0.isNewline })
            .map { $0.split(separator: " ").map(String.init) }
            .filter { !$0.isEmpty }
    }
}
