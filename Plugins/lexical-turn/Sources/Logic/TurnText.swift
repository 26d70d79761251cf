// SPDX-License-Identifier: Apache-2.0

/// A turn's text as words, with the punctuation that ended it.
struct TurnText {
    /// Only the beginning and the end of a turn decide; what lies between is skipped, so that length costs nothing.
    private static let maximumWords = 200

    enum Ending {
        case none, question, full, open
    }

    let words: [String]
    let ending: Ending
    let hasComma: Bool

    init(_ text: String) {
        let tail = text.count > 4_000 ? Substring(text.suffix(4_000)) : text[...]
        words = Self.words(tail).suffix(Self.maximumWords)
        ending = Self.ending(tail)
        hasComma = tail.contains(",")
    }

    func ends(with phrase: [String]) -> Bool {
        words.suffix(phrase.count).elementsEqual(phrase)
    }

    private static func words(_ text: Substring) -> [String] {
        text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'" || $0 == "\u{2019}" || $0 == "-") }
            .flatMap { word -> [String] in
                let parts = word.split { $0 == "'" || $0 == "\u{2019}" }.map(String.init)
                return parts.count == 2 && isEnglishContraction(parts[1]) ? [parts.joined()] : parts
            }
    }

    /// "don't" is one word; "l'heure" is two.
    private static func isEnglishContraction(_ tail: String) -> Bool {
        ["t", "s", "m", "re", "ve", "ll", "d", "clock"].contains(tail)
    }

    private static func ending(_ text: Substring) -> Ending {
        let trimmed = text.reversed().drop { $0.isWhitespace || "\"'»”)".contains($0) }
        switch trimmed.first {
        case "?", "!", "？", "！": return .question
        case ".": return trimmed.starts(with: "...") ? .open : .full
        case "。": return .full
        case ",", ";", ":", "-", "–", "—", "…": return .open
        default: return .none
        }
    }
}
