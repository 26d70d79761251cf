// SPDX-License-Identifier: Apache-2.0

/// An intent whose slots are being filled.
struct Form: Sendable {
    enum Stage: Equatable {
        case asking(String)
        case confirming
        /// The caller said no, and was asked what to change.
        case changing
    }

    let intent: CompiledScript.Intent
    var values: [String: SlotValue] = [:]
    var stage = Stage.changing
    /// The question that waits for an answer.
    var question = ""

    init(_ intent: CompiledScript.Intent) {
        self.intent = intent
    }

    /// The first slot that is still open.
    var nextSlot: CompiledScript.Slot? {
        intent.slots.first { values[$0.name] == nil }
    }

    /// Takes what the slots' own patterns find.
    ///
    /// - Returns: True when it found anything, be it the same as before.
    mutating func fill(from utterance: Utterance) -> Bool {
        var utterance = utterance
        var found = false
        for slot in intent.slots.sorted(by: { $0.precedence < $1.precedence }) {
            for pattern in slot.patterns {
                guard let match = pattern.lastMatch(in: utterance.words), let value = match.values[slot.name] else {
                    continue
                }
                values[slot.name] = value
                utterance.consume(match.range)
                found = true
                break
            }
        }
        return found
    }

    /// Takes a bare value as the answer to the question: "four", "to", "friday".
    mutating func fillAsked(from utterance: Utterance) -> Bool {
        guard case .asking(let name) = stage, let slot = intent.slots.first(where: { $0.name == name }) else {
            return false
        }
        let words = utterance.words
        let value =
            slot.type == .number
            ? NumberWords.readAnswer(words)
            : words.indices.lazy.compactMap { slot.type.read(words[$0...])?.value }.first
        guard let value else { return false }
        values[name] = value
        return true
    }
}
