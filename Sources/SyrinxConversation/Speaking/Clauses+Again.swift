// SPDX-License-Identifier: Apache-2.0

/// The synthesiser's stream has died: what came of it is kept as far as it can be played to the end of a word, the rest
/// is asked for again under another generation, and each clause at most once.
extension Clauses {
    /// - Parameters:
    ///   - voice: the generation of the second attempt.
    ///   - rate: of the audio, in Hz.
    /// - Returns: the clauses whose audio is not wanted any more; nil when one of them was asked for twice already.
    package mutating func beginAgain(as voice: UInt64, rate: Int) -> [Clause]? {
        guard let first = outstanding.firstIndex(where: { !$0.isDone }) else { return nil }
        guard !all[first..<requested].contains(where: \.isRepeated) else { return nil }
        var dropped = Array(all[(first + 1)..<requested])
        for index in (first + 1)..<requested { all[index].forgetAudio() }
        self.voice = voice
        requested = first
        if all[first].arrived > 0 {
            split(first, rate: rate)
        } else {
            dropped.append(all[first])
            all[first].forgetAudio()
        }
        return dropped
    }

    /// Leaves the clause what of it was heard or can be, and puts the rest behind it.
    private mutating func split(_ index: Int, rate: Int) {
        var kept = all[index]
        var rest = kept
        rest.forgetAudio()
        let cut = HeardText.cut(of: kept, rate: rate)
        kept.text = cut.text
        kept.spoken = nil
        kept.arrived = cut.samples
        kept.isDone = true
        let left = rest.text.dropFirst(cut.text.count)
        if !cut.text.isEmpty { rest.isSpaced = left.first?.isWhitespace ?? false }
        if cut.text.isEmpty { kept.isSpaced = false }
        rest.text = String(left).trimmed
        all[index] = kept
        requested = index + 1
        // Lone punctuation cannot be spoken.
        guard rest.text.contains(where: { $0.isLetter || $0.isNumber }) else {
            all[index].text += left
            return
        }
        all.insert(rest, at: index + 1)
    }
}

extension Clauses.Clause {
    fileprivate mutating func forgetAudio() {
        spoken = nil
        marks = []
        arrived = 0
        consumed = 0
        isDone = false
        isRepeated = true
    }
}
