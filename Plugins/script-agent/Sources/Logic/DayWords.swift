// SPDX-License-Identifier: Apache-2.0

/// Days as people say them.
enum DayWords {
    static let names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// Reads a day at the start of `words`.
    static func read(_ words: ArraySlice<String>) -> (value: SlotValue, length: Int)? {
        let skipped = words.first == "the" ? 1 : 0
        let rest = words.dropFirst(skipped)
        if rest.starts(with: ["day", "after", "tomorrow"]) {
            return (relative("the day after tomorrow"), skipped + 3)
        }
        switch words.first {
        case "today", "tonight", "tomorrow":
            return words.first.map { (relative($0), 1) }
        case "next", "this", "coming":
            guard let name = weekday(words.dropFirst().first) else { return nil }
            return (relative(words.first == "next" ? "next \(name)" : "this \(name)"), 2)
        default:
            guard let name = weekday(words.first) else { return nil }
            return (SlotValue(name, when: "on \(name)"), 1)
        }
    }

    private static func relative(_ text: String) -> SlotValue {
        SlotValue(text, when: text)
    }

    /// Also the plural, which recognisers like to write: "fridays".
    private static func weekday(_ word: String?) -> String? {
        guard let word else { return nil }
        return names.first { $0.lowercased() == word || $0.lowercased() + "s" == word }
    }
}
