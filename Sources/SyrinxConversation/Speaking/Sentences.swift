// SPDX-License-Identifier: Apache-2.0

/// Where a sentence ends, in plain text. "$3.50", "Dr. Xu", "e.g.", "U.S." and "3. May" do not end one.
package enum Sentences {
    /// The end (exclusive) of the first sentence of at least `minimum` characters, its closing quotes included.
    /// Unless `isComplete`, an end counts only when the character after it is known.
    package static func end(in text: [Character], minimum: Int, isComplete: Bool) -> Int? {
        var index = 0
        while index < text.count {
            defer { index += 1 }
            if text[index].isNewline {
                if index + 1 >= minimum, text[..<index].contains(where: \.isLetter) { return index + 1 }
                continue
            }
            guard ends(with: text[index]) else { continue }
            let after = skipClosers(in: text, from: index + 1)
            guard after < text.count || isComplete else { return nil }
            if isBoundary(in: text, at: index, after: after), after >= minimum { return after }
            index = after - 1
        }
        return nil
    }

    /// No sentence ended within `maximum`: behind the last comma of the second half, else the last space, else hard.
    package static func emergencyCut(in text: [Character], maximum: Int) -> Int {
        let range = text.startIndex..<min(maximum, text.count)
        if let comma = range.last(where: { $0 >= maximum / 2 && isPause(text[$0]) }) { return comma + 1 }
        if let space = range.last(where: { text[$0].isWhitespace }), space > 0 { return space + 1 }
        return max(range.upperBound, 1)
    }

    package static func ends(with character: Character) -> Bool {
        character == "." || isStrong(character) || isWide(character)
    }

    private static func isBoundary(in text: [Character], at index: Int, after: Int) -> Bool {
        if isWide(text[index]) { return true }
        guard after == text.count || text[after].isWhitespace else { return false }
        if after > index + 1, text[index + 1] == "." { return startsUpper(text, from: after) }  // "..."
        return text[index] != "." || !(isAbbreviated(text, before: index) || startsLower(text, from: after))
    }

    private static func isAbbreviated(_ text: [Character], before index: Int) -> Bool {
        let start = text[..<index].lastIndex { $0.isWhitespace || $0 == "(" || $0 == "\"" }.map { $0 + 1 } ?? 0
        let word = text[start..<index]
        guard let first = word.first else { return false }
        // "3. May", "1. First": ordinals and list numbers; "3.50." ends a sentence.
        if word.allSatisfy(\.isNumber) { return word.count <= 2 }
        // "J. Smith", but "plan B." or "vitamin C." are rare enough.
        if word.count == 1 { return first.isUppercase && first != "I" }
        // "U.S.", "e.g.", "p.m.": letters with full stops between them.
        if word.contains("."), !word.contains(where: \.isNumber) { return true }
        return abbreviations.contains(String(word).lowercased())
    }

    private static func startsLower(_ text: [Character], from index: Int) -> Bool {
        text[index...].first { !$0.isWhitespace }?.isLowercase ?? false
    }

    private static func startsUpper(_ text: [Character], from index: Int) -> Bool {
        guard let next = text[index...].first(where: { !$0.isWhitespace }) else { return index == text.count }
        return !next.isLowercase
    }

    private static func skipClosers(in text: [Character], from start: Int) -> Int {
        text[start...].firstIndex { !(ends(with: $0) || closers.contains($0)) } ?? text.count
    }

    private static func isStrong(_ character: Character) -> Bool {
        character == "!" || character == "?" || character == "\u{2026}"
    }

    private static func isWide(_ character: Character) -> Bool {
        character == "。" || character == "！" || character == "？" || character == "｡"
    }

    private static func isPause(_ character: Character) -> Bool {
        character == "," || character == ";" || character == ":" || character == "，" || character == "、"
    }

    private static let closers: Set<Character> = [
        "\"", "'", ")", "]", "}", "\u{201D}", "\u{2019}", "\u{00BB}", "」", "』", "）", "*",
    ]

    private static let abbreviations: Set<String> = [
        "dr", "mr", "mrs", "ms", "prof", "st", "sr", "jr", "vs", "etc", "approx", "dept", "fig", "inc", "ltd", "corp",
        "vol", "nr", "gen", "rev", "hon", "mt", "ave", "blvd", "bzw", "ca", "usw", "evtl", "ggf", "inkl", "str",
        "tel", "sra", "srta", "ud", "uds", "av", "mme", "mlle", "sig", "dott", "dhr", "mevr", "resp",
    ]
}
