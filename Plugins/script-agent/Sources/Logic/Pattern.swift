// SPDX-License-Identifier: Apache-2.0

/// A compiled pattern.
struct Pattern: Sendable {
    indirect enum Node: Sendable {
        case word(String)
        /// Any number of words.
        case anything
        /// One of several sequences; an optional group has an empty one.
        case choice([[Node]])
        case capture(name: String, type: SlotType)
    }

    /// A match: the values found and the words they came from.
    struct Match {
        var values: [String: SlotValue]
        var range: Range<Int>
    }

    let nodes: [Node]

    /// Matches the whole turn.
    func matchWhole(_ words: [String]) -> Match? {
        var matcher = PatternMatcher(words: words, mustReachEnd: true)
        return matcher.match(nodes, at: 0).map { Match(values: $0.values, range: 0..<$0.end) }
    }

    /// The last place where it matches: in "not for two, for four" the caller means four.
    func lastMatch(in words: [String]) -> Match? {
        var found: Match?
        var start = 0
        while start < words.count {
            var matcher = PatternMatcher(words: words, mustReachEnd: false)
            if let result = matcher.match(nodes, at: start), result.end > start {
                found = Match(values: result.values, range: start..<result.end)
                start = result.end
            } else {
                start += 1
            }
        }
        return found
    }
}

/// One attempt to match.
///
/// It backtracks, so it counts its steps: no pattern and no caller may make it slow.
struct PatternMatcher {
    static let maximumSteps = 20_000

    struct Result {
        var values: [String: SlotValue]
        var end: Int
    }

    let words: [String]
    let mustReachEnd: Bool
    private var steps = 0

    init(words: [String], mustReachEnd: Bool) {
        self.words = words
        self.mustReachEnd = mustReachEnd
    }

    mutating func match(_ nodes: [Pattern.Node], at position: Int) -> Result? {
        steps += 1
        guard steps < Self.maximumSteps else { return nil }
        guard let node = nodes.first else {
            return mustReachEnd && position < words.count ? nil : Result(values: [:], end: position)
        }
        let rest = Array(nodes.dropFirst())
        switch node {
        case .word(let word):
            guard position < words.count, words[position] == word else { return nil }
            return match(rest, at: position + 1)
        case .anything:
            return matchAnything(rest, from: position)
        case .choice(let sequences):
            for sequence in sequences {
                if let result = match(sequence + rest, at: position) { return result }
            }
            return nil
        case .capture(let name, let type):
            guard let (value, length) = type.read(words[position...]),
                var result = match(rest, at: position + length)
            else { return nil }
            result.values[name] = value
            return result
        }
    }

    private mutating func matchAnything(_ rest: [Pattern.Node], from position: Int) -> Result? {
        for start in position...words.count {
            if let result = match(rest, at: start) { return result }
        }
        return nil
    }
}
