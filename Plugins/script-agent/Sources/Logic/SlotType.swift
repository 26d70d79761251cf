// SPDX-License-Identifier: Apache-2.0

/// A value that the caller gave.
public struct SlotValue: Hashable, Sendable {
    /// As the agent says it.
    public var spoken: String
    /// The number, for numbers.
    public var number: Int?
    /// With its preposition, for days: "on Friday", "tomorrow".
    public var when: String?

    /// Makes a value.
    public init(_ spoken: String, number: Int? = nil, when: String? = nil) {
        self.spoken = spoken
        self.number = number
        self.when = when
    }
}

/// What a slot's value looks like.
public enum SlotType: String, Decodable, Sendable, CaseIterable {
    /// A count, in words or digits.
    case number
    /// A day: "friday", "tomorrow", "next monday".
    case day
    /// A time of day, also a bare hour: "seven", "half past seven", "19:30".
    case time
    /// A time of day that cannot be mistaken for a number: "seven thirty", "seven pm", "noon".
    case clock
    /// One or two words.
    case name
    /// One word.
    case word
    /// Everything up to the end.
    case text

    /// Reads a value at the start of `words`.
    ///
    /// - Returns: The value and how many words it took, or nil.
    func read(_ words: ArraySlice<String>) -> (value: SlotValue, length: Int)? {
        switch self {
        case .number: NumberWords.read(words)
        case .day: DayWords.read(words)
        case .time: TimeWords.read(words).map { ($0.value, $0.length) }
        case .clock: TimeWords.read(words).flatMap { $0.isExact ? ($0.value, $0.length) : nil }
        case .name: Self.join(words, limit: 2)
        case .word: Self.join(words, limit: 1)
        case .text: Self.join(words, limit: Utterance.maximumWords)
        }
    }

    private static func join(_ words: ArraySlice<String>, limit: Int) -> (value: SlotValue, length: Int)? {
        let taken = words.prefix(limit).prefix { !$0.isEmpty }
        return taken.isEmpty ? nil : (SlotValue(taken.joined(separator: " ")), taken.count)
    }
}
