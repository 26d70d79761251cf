// SPDX-License-Identifier: Apache-2.0

/// Words that decide about a barge-in before any model does: "mm-hm" lets the agent go on, "stop" stops it.
package struct Lexicon: Sendable {
    private let backchannels: Set<String>
    private let commands: Set<String>

    package init(language: String) {
        let words = Self.table[Self.primary(language)] ?? Self.english
        backchannels = words.backchannels
        commands = words.commands
    }

    /// All of the text is backchannel: "yeah, okay".
    package func isBackchannel(_ text: String) -> Bool {
        let words = text.normalisedWords
        guard !words.isEmpty, words.count <= 6 else { return false }
        var index = 0
        while index < words.count {
            guard let length = longestPhrase(in: backchannels, words: words, at: index) else { return false }
            index += length
        }
        return true
    }

    package func containsCommand(_ text: String) -> Bool {
        let words = text.normalisedWords
        return words.indices.contains { longestPhrase(in: commands, words: words, at: $0) != nil }
    }

    package static func primary(_ language: String) -> String {
        String(language.lowercased().prefix { $0 != "-" && $0 != "_" })
    }

    private func longestPhrase(in phrases: Set<String>, words: [String], at start: Int) -> Int? {
        (1...3).last { length in
            start + length <= words.count && phrases.contains(words[start..<start + length].joined(separator: " "))
        }
    }
}
