// SPDX-License-Identifier: Apache-2.0

/// What the caller has said in the turn that is not committed yet: one entry an utterance.
package struct Transcript: Sendable, Equatable {
    package struct Utterance: Sendable, Equatable {
        package let id: UInt64
        package var text = ""
        package var partial = ""
        /// `Action.endUtterance` was sent.
        package var isClosed = false
        /// Nothing more is expected of it.
        package var isSettled = false
        /// The agent was responding when it was spoken, and when it ended: it may be a backchannel.
        package var overlaps = false
        /// Audio time of the newest final transcript.
        fileprivate var finalAt: Duration?
    }

    private let maxUtterances: Int
    private let maxBytes: Int
    package private(set) var utterances: [Utterance] = []

    package init(limits: Limits) {
        maxUtterances = limits.utterancesInTurn
        maxBytes = limits.turnTextBytes
    }

    package mutating func open(_ id: UInt64) {
        // A caller who makes noises for hours without a word: the oldest entry has the least to say.
        if utterances.count >= maxUtterances { utterances.removeFirst() }
        utterances.append(Utterance(id: id))
    }

    /// Speech of the utterance ended at `lastSpeech`. A final transcript from after that is already the answer.
    package mutating func close(_ id: UInt64, lastSpeech: Duration) {
        update(id) { utterance in
            utterance.isClosed = true
            if let finalAt = utterance.finalAt, finalAt >= lastSpeech, utterance.partial.isEmpty {
                utterance.isSettled = true
            }
        }
    }

    package mutating func markOverlap(_ id: UInt64, _ overlaps: Bool) {
        update(id) { $0.overlaps = overlaps }
    }

    package mutating func setPartial(_ id: UInt64, _ text: String) {
        guard text.utf8.count <= maxBytes else { return }
        update(id) { utterance in
            utterance.partial = text.trimmed
            if !utterance.partial.isEmpty { utterance.isSettled = false }
        }
    }

    package mutating func addFinal(_ id: UInt64, _ text: String, at position: Duration) {
        let fits = size + text.utf8.count <= maxBytes
        update(id) { utterance in
            if fits { utterance.text = utterance.text.joined(text.trimmed) }
            utterance.partial = ""
            utterance.finalAt = position
            if utterance.isClosed { utterance.isSettled = true }
        }
    }

    /// The provider gives up on it: the last partial transcript is the best there is.
    package mutating func fail(_ id: UInt64) {
        update(id) { $0.settleWithPartial() }
    }

    /// `transcriptTimeout` has passed.
    package mutating func settleAll() {
        for index in utterances.indices where utterances[index].isClosed { utterances[index].settleWithPartial() }
    }

    package mutating func forget(_ id: UInt64) { utterances.removeAll { $0.id == id } }

    /// Takes the closed utterances out; one that is still open belongs to the next turn.
    package mutating func take() -> String {
        let text = closedText
        utterances.removeAll { $0.isClosed }
        return text
    }

    package mutating func clear() { utterances.removeAll() }

    package func contains(_ id: UInt64) -> Bool { utterances.contains { $0.id == id } }
    package subscript(id: UInt64) -> Utterance? { utterances.first { $0.id == id } }

    /// All that was asked for has been answered.
    package var isSettled: Bool { utterances.allSatisfy { !$0.isClosed || $0.isSettled } }

    /// Final transcripts, and partial ones where the final is missing.
    package var text: String { utterances.reduce("") { $0.joined($1.text).joined($1.partial) } }

    /// The newest words, enough to judge how the turn sounds so far.
    package var tail: String {
        guard let last = utterances.last(where: { !$0.text.isEmpty || !$0.partial.isEmpty }) else { return "" }
        return String((last.partial.isEmpty ? last.text : last.partial).suffix(64))
    }

    package var isEmpty: Bool { utterances.allSatisfy { $0.text.isEmpty && $0.partial.isEmpty } }

    private var closedText: String {
        utterances.reduce("") { $1.isClosed ? $0.joined($1.text).joined($1.partial) : $0 }
    }

    private var size: Int { utterances.reduce(0) { $0 + $1.text.utf8.count } }

    private mutating func update(_ id: UInt64, _ change: (inout Utterance) -> Void) {
        guard let index = utterances.lastIndex(where: { $0.id == id }) else { return }
        change(&utterances[index])
    }
}

extension Transcript.Utterance {
    fileprivate mutating func settleWithPartial() {
        text = text.joined(partial)
        partial = ""
        isSettled = true
    }
}
