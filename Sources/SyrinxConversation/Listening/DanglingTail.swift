// SPDX-License-Identifier: Apache-2.0

/// Text that sounds unfinished ("I'd like to book a table for"): the caller is thinking, not done (+400 ms).
package enum DanglingTail {
    package static func isDangling(_ text: String, language: String) -> Bool {
        let trimmed = text.trimmed
        guard let last = trimmed.last, last != "?", last != "!" else { return false }
        if last == "," || last == ":" || last == "-" || last == "\u{2026}" || trimmed.hasSuffix("...") { return true }
        guard let word = trimmed.normalisedWords.last else { return false }
        return (words[Lexicon.primary(language)] ?? english).contains(word)
    }

    private static let english: Set<String> = [
        "a", "an", "the", "and", "or", "but", "so", "because", "if", "when", "that", "which", "who", "to", "of", "in",
        "on", "at", "for", "from", "with", "by", "about", "my", "your", "his", "her", "our", "their", "is", "are",
        "was", "were", "um", "uh", "er", "like", "then", "than", "as", "im", "its",
    ]
    private static let words: [String: Set<String>] = [
        "en": english,
        "de": [
            "und", "oder", "aber", "weil", "dass", "wenn", "der", "die", "das", "ein", "eine", "einen", "mit", "für",
            "von", "zu", "in", "auf", "bei", "mein", "meine", "äh", "ähm", "also", "ich", "ist",
        ],
        "fr": [
            "et", "ou", "mais", "parce", "que", "si", "le", "la", "les", "un", "une", "des", "de", "du", "à", "pour",
            "avec", "dans", "sur", "mon", "ma", "mes", "euh", "alors", "je", "est",
        ],
        "es": [
            "y", "o", "pero", "porque", "que", "si", "el", "la", "los", "las", "un", "una", "de", "del", "a", "para",
            "con", "en", "por", "mi", "mis", "eh", "este", "pues", "es",
        ],
        "it": [
            "e", "o", "ma", "perché", "che", "se", "il", "lo", "la", "gli", "le", "un", "una", "di", "del", "a", "per",
            "con", "in", "su", "mio", "mia", "ehm", "allora", "è",
        ],
        "pt": [
            "e", "ou", "mas", "porque", "que", "se", "o", "a", "os", "as", "um", "uma", "de", "do", "da", "para",
            "com", "em", "por", "meu", "minha", "hum", "então", "é",
        ],
        "nl": [
            "en", "of", "maar", "omdat", "dat", "als", "de", "het", "een", "van", "voor", "met", "in", "op", "bij",
            "naar", "mijn", "uh", "eh", "dus", "ik", "is",
        ],
    ]
}
