// SPDX-License-Identifier: Apache-2.0

/// What the caller has heard of a speech: by the synthesiser's word marks, else in proportion, always rounded
/// down. Must fail in neither direction: a word too many makes the agent believe it was understood, a word too few
/// makes it repeat itself.
package enum HeardText {
    package static func text(of clauses: [Clauses.Clause], played: Int, rate: Int) -> String {
        var remaining = played
        for (index, clause) in clauses.enumerated() {
            if clause.isDone, remaining >= clause.arrived, clause.consumed == clause.arrived {
                remaining -= clause.arrived
                continue
            }
            var cut = clause
            cut.text = part(of: clause, played: remaining, rate: rate)
            return Clauses.text(of: clauses[..<index] + (cut.text.isEmpty ? [] : [cut]))
        }
        return Clauses.text(of: clauses[...])
    }

    /// Where a clause that will not be completed is cut, so that the rest of its text can be spoken anew: with marks at
    /// the begin of the last word that came, else behind what was sent to the line. What was sent cannot be taken back;
    /// a word that was begun is said again.
    package static func cut(of clause: Clauses.Clause, rate: Int) -> (text: String, samples: Int) {
        guard !clause.marks.isEmpty else {
            return (part(of: clause, played: clause.consumed, rate: rate), clause.consumed)
        }
        let word = clause.marks.last { $0.sampleOffset <= clause.arrived }
        let samples = max(clause.consumed, word?.sampleOffset ?? 0)
        return (marked(clause, clause.arrived), samples)
    }

    private static func part(of clause: Clauses.Clause, played: Int, rate: Int) -> String {
        guard played > 0 else { return "" }
        if !clause.marks.isEmpty { return marked(clause, played) }
        // A clause still in synthesis is longer than what has arrived; a slow voice is the safe guess.
        let length = clause.spoken?.text.count ?? clause.text.count
        let slow = length * rate / slowCharactersPerSecond
        let total = clause.isDone ? clause.arrived : max(clause.arrived, slow)
        guard total > 0 else { return "" }
        let count = Int(Double(length) * min(Double(played) / Double(total), 1))
        return wholeWords(clause.text, written(count, of: clause))
    }

    /// Characters of a clause's own words, of those of what is said in their place.
    private static func written(_ count: Int, of clause: Clauses.Clause) -> Int {
        guard let spoken = clause.spoken else { return count }
        let bytes = clause.text.utf8.prefix(spoken.written(spoken: spoken.text.prefix(count).utf8.count))
        return clause.text[..<bytes.endIndex].count
    }

    /// The word that began last is not counted: it may have been cut.
    private static func marked(_ clause: Clauses.Clause, _ played: Int) -> String {
        guard let mark = clause.marks.last(where: { $0.sampleOffset <= played }) else { return "" }
        let bytes = clause.text.utf8.prefix(mark.byteOffset)
        return wholeWords(clause.text, clause.text[..<bytes.endIndex].count)
    }

    private static func wholeWords(_ text: String, _ count: Int) -> String {
        let characters = Array(text)
        var end = min(max(count, 0), characters.count)
        while end > 0, end < characters.count, isInsideWord(characters[end - 1], characters[end]) { end -= 1 }
        return String(characters[..<end]).trimmed
    }

    private static func isInsideWord(_ left: Character, _ right: Character) -> Bool {
        !left.isWhitespace && !right.isWhitespace && !(left.isUnspaced && right.isUnspaced)
    }

    private static let slowCharactersPerSecond = 12
}
