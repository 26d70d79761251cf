// SPDX-License-Identifier: Apache-2.0

/// What a synthesiser is given in place of a clause, and which part of it stands for which of the clause.
package struct SpokenClause: Sendable, Equatable {
    /// In bytes of UTF-8.
    package struct Change: Sendable, Equatable {
        package var written: Range<Int>
        package var spoken: Range<Int>
    }

    package internal(set) var text = ""
    package internal(set) var changes: [Change] = []

    /// Bytes of the written clause that are said with this many of the spoken one. A word that was replaced counts
    /// when its replacement has been said to the end.
    package func written(spoken offset: Int) -> Int {
        // Whatever a synthesiser says.
        let offset = min(max(offset, 0), text.utf8.count)
        var shift = 0
        for change in changes {
            if offset < change.spoken.lowerBound { break }
            if offset < change.spoken.upperBound { return change.written.lowerBound }
            shift = change.written.upperBound - change.spoken.upperBound
        }
        return offset + shift
    }
}

/// Words that sound otherwise than they are written: a table of them, and URLs, of which the site is said.
package struct Pronunciation: Sendable, Equatable {
    private struct Entry: Sendable, Equatable {
        var word: [Character]
        /// As it is written, not in any case.
        var isExact: Bool
        var spoken: String
    }

    /// No clause grows beyond it, whatever the table says: what comes later is said as it is written.
    private static let longestClause = 4000

    /// By their first character in lower case, the longest first.
    private let entries: [Character: [Entry]]
    private let shortensURLs: Bool

    package init(_ options: WordingOptions) {
        var entries: [Character: [Entry]] = [:]
        for (word, spoken) in options.pronunciation {
            guard let first = word.first else { continue }
            let isExact = word.contains(where: \.isUppercase)
            entries[Self.key(first), default: []].append(Entry(word: Array(word), isExact: isExact, spoken: spoken))
        }
        self.entries = entries.mapValues { $0.sorted { ($0.word.count, $1.spoken) > ($1.word.count, $0.spoken) } }
        shortensURLs = options.filters.contains(.urls)
    }

    /// Nil: it is said as it is written.
    package func spoken(_ clause: String) -> SpokenClause? {
        guard shortensURLs || !entries.isEmpty else { return nil }
        let written = Array(clause)
        var result = SpokenClause()
        var (index, bytes) = (0, 0)
        while index < written.count {
            let (length, spoken) = replacement(in: written, at: index) ?? (1, String(written[index]))
            let (from, said) = (bytes, result.text.utf8.count)
            bytes += written[index..<index + length].reduce(0) { $0 + $1.utf8.count }
            result.text += spoken
            if length > 1 || spoken != String(written[index]) {
                result.changes.append(.init(written: from..<bytes, spoken: said..<result.text.utf8.count))
            }
            index += length
            if result.text.utf8.count > Self.longestClause {
                result.text += String(written[index...])
                break
            }
        }
        return result.changes.isEmpty ? nil : result
    }

    private func replacement(in text: [Character], at index: Int) -> (length: Int, spoken: String)? {
        guard index == 0 || !(text[index - 1].isOfWord && text[index].isOfWord) else { return nil }
        if shortensURLs, let url = SpokenURL(text[index...]) { return (url.length, url.site) }
        guard let candidates = entries[Self.key(text[index])] else { return nil }
        let match = candidates.first { Self.matches($0, text[index...]) }
        return match.map { ($0.word.count, $0.spoken) }
    }

    private static func matches(_ entry: Entry, _ text: ArraySlice<Character>) -> Bool {
        guard text.count >= entry.word.count, let last = entry.word.last else { return false }
        let end = text.startIndex + entry.word.count
        guard end == text.endIndex || !(last.isOfWord && text[end].isOfWord) else { return false }
        return zip(text, entry.word).allSatisfy { $0 == $1 || (!entry.isExact && key($0) == key($1)) }
    }

    private static func key(_ character: Character) -> Character { character.lowercased().first ?? character }
}

/// A URL at the beginning of a text.
private struct SpokenURL {
    /// Characters of it.
    let length: Int
    /// `example.com` of `https://www.example.com/a?b`.
    let site: String

    init?(_ text: ArraySlice<Character>) {
        let head = String(text.prefix(8)).lowercased()
        guard let scheme = ["https://", "http://", "www."].first(where: { head.hasPrefix($0) }) else { return nil }
        var url = text.prefix { !$0.isWhitespace && $0 != "<" && $0 != ">" && $0 != "\"" }
        while let last = url.last, Self.closers.contains(last) { url.removeLast() }
        var host = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = host.lastIndex(of: "@") { host = host[(at + 1)...] }
        host = host.prefix { $0 != ":" }
        if String(host.prefix(4)).lowercased() == "www." { host = host.dropFirst(4) }
        guard host.contains(where: \.isOfWord) else { return nil }
        length = url.count
        site = String(host)
    }

    private static let closers: Set<Character> = [".", ",", ";", ":", "!", "?", ")", "]", "}", "'", "*", "\u{2026}"]
}

extension Character {
    fileprivate var isOfWord: Bool { isLetter || isNumber }
}
