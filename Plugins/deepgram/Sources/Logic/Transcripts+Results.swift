// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// v1: an utterance is the concatenation of its final stretches (protocol page, "Semantics").
extension Transcripts {
    mutating func hear(_ results: ListenResults, base: Int64) {
        let from = position(results.start, base)
        let to = position(results.start + results.duration, base)
        if results.isFinal {
            confirmed = max(confirmed, to)
            finalTo = max(finalTo, to)
        }
        guard let index = utterance(from: from, to: to, results) else { return finishFirst(results) }
        let text = results.transcript.trimmed
        if !text.isEmpty { speechBegins(at: from) }
        if results.isFinal {
            utterances[index].settle(text, confidence: results.confidence, languages: results.languages)
        } else {
            utterances[index].interim = text
            utterances[index].interimConfidence = results.confidence
            utterances[index].interimLanguages = results.languages
        }
        announce(index)
        if results.isSpeechFinal, utterances[index].end == nil { endTurn(at: to) }
        let tolerance = Self.toleranceMilliseconds * sampleRate / 1_000
        if results.isFinal, let end = utterances[index].end, to >= end - tolerance {
            finish(index, confirm: true)
        } else {
            finishFirst(results)
        }
    }

    /// Results follow each other without a gap; where there is one, some were lost.
    func hasHole(before results: ListenResults, base: Int64) -> Bool {
        position(results.start, base) > finalTo + 10 * Self.toleranceMilliseconds * sampleRate / 1_000
    }

    /// Whose words these are. Late ones of an utterance that has its FINAL are nobody's.
    private func utterance(from: Int64, to: Int64, _ results: ListenResults) -> Int? {
        guard !utterances.isEmpty else { return nil }
        let middle = (from + to) / 2
        guard middle >= discardedTo else { return nil }
        if providerDecidesTurns {
            // All audio is of some utterance, without gaps: only its end matters.
            return utterances.firstIndex { middle < ($0.end ?? .max) } ?? utterances.count - 1
        }
        guard middle >= utterances[0].start else { return nil }
        return utterances.firstIndex { middle < ($0.end ?? .max) }
            ?? (results.isFromFinalize ? utterances.count - 1 : nil)
    }

    /// The answer to `Finalize` belongs to the oldest utterance that asked, whatever stretch it speaks of.
    private mutating func finishFirst(_ results: ListenResults) {
        guard results.isFromFinalize, let first = utterances.firstIndex(where: { $0.end != nil }) else { return }
        finish(first, confirm: true)
    }
}
