// SPDX-License-Identifier: Apache-2.0

/// Finds the word that was probably meant.
package enum DidYouMean {
    /// The closest of `candidates`, or nil when none is close enough to be worth a guess.
    package static func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
        let typed = normalised(word)
        guard !typed.isEmpty, typed.count <= longestWord else { return nil }
        let allowed = max(1, typed.count / 3)
        return
            candidates
            .filter { abs($0.count - typed.count) <= allowed && $0.count <= longestWord }
            .map { (word: $0, distance: distance(typed, normalised($0))) }
            .filter { $0.distance <= allowed }
            .min { ($0.distance, $0.word) < ($1.distance, $1.word) }?
            .word
    }

    /// Keys are written in snake case; other habits of writing are no difference.
    private static func normalised(_ word: String) -> [Character] {
        word.lowercased().map { $0 == "-" ? "_" : $0 }
    }

    /// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in 1..<(left.count + 1) {
            var current = [row]
            for column in 1..<(right.count + 1) {
                let substitution = previous[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1)
                var best = min(previous[column] + 1, current[column - 1] + 1, substitution)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    best = min(best, beforePrevious[column - 2] + 1)
                }
                current.append(best)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }

    /// Longer words come from accidents, not from typing; and the distance is quadratic.
    private static let longestWord = 64
}
