// SPDX-License-Identifier: Apache-2.0

/// Takes out of words that are kept what tells too much of a person. By form alone: it knows no names, and of spoken
/// numbers those of English.
package struct WordRedaction: OptionSet, Sendable, Hashable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Six digits or more, written or spoken: cards, accounts, telephones, and dates as well.
    package static let numbers = WordRedaction(rawValue: 1)
    /// `bob@example.org`, and "bob at example dot org".
    package static let emails = WordRedaction(rawValue: 2)

    private static let fewestDigits = 6

    package func redacted(_ text: String) -> String {
        guard !isEmpty else { return text }
        let words = Word.split(text)
        var result = ""
        var index = 0
        var copied = text.startIndex
        while index < words.count {
            guard let (count, replacement) = match(words[index...]) else {
                index += 1
                continue
            }
            result += text[copied..<words[index].range.lowerBound] + replacement
            copied = words[index + count - 1].range.upperBound
            index += count
        }
        return result + text[copied...]
    }

    private func match(_ words: ArraySlice<Word>) -> (count: Int, replacement: String)? {
        if contains(.emails), let count = Self.email(words) { return (count, "[email]") }
        guard contains(.numbers) else { return nil }
        let number = words.prefix { $0.digits > 0 }
        let digits = number.reduce(0) { $0 + $1.digits }
        return digits >= Self.fewestDigits ? (number.count, "[number]") : nil
    }

    /// "bob dot smith at mail dot example dot org"
    private static func email(_ words: ArraySlice<Word>) -> Int? {
        guard let first = words.first else { return nil }
        if first.isEmail { return 1 }
        let plain = words.prefix(24).map(\.plain)
        let name = joined(plain, from: 0, by: ["dot", "underscore", "dash", "hyphen"])
        guard plain.count > name + 1, plain[name] == "at" else { return nil }
        let host = joined(plain, from: name + 1, by: ["dot", "dash", "hyphen"])
        return plain[(name + 1)..<host].contains("dot") ? host : nil
    }

    /// - Returns: where a word with all that these words join to it ends.
    private static func joined(_ words: [String], from start: Int, by joints: Set<String>) -> Int {
        var end = start + 1
        while end + 1 < words.count, joints.contains(words[end]) { end += 2 }
        return end
    }
}

/// A word of a text, without the signs around it.
private struct Word {
    let range: Range<String.Index>
    let plain: String

    /// How many digits it stands for.
    var digits: Int {
        let written = plain.unicodeScalars.count { $0.properties.numericType == .decimal }
        if written > 0 { return written }
        return plain.split(separator: "-").reduce(0) { sum, part in
            guard let sum, let digits = Self.spoken[String(part)] else { return nil }
            return sum + digits
        } ?? 0
    }

    var isEmail: Bool {
        let parts = plain.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".")
    }

    static func split(_ text: String) -> [Word] {
        text.split { $0.isWhitespace || $0 == "," || $0 == ";" }.compactMap { piece in
            var word = piece
            while let last = word.last, last.isPunctuation { word.removeLast() }
            while let first = word.first, first.isPunctuation { word.removeFirst() }
            guard !word.isEmpty else { return nil }
            return Word(range: word.startIndex..<word.endIndex, plain: word.lowercased())
        }
    }

    private static let spoken: [String: Int] = {
        let units = [
            "zero", "oh", "o", "nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
        ]
        let more = [
            "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
            "nineteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred",
            "thousand",
        ]
        // "double four" is two digits.
        let times = ["double": 1, "triple": 2]
        return Dictionary(units.map { ($0, 1) } + more.map { ($0, 2) } + times.map { ($0, $1) }) { first, _ in first }
    }()
}
