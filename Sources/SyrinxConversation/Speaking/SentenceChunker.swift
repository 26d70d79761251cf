// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Cuts the agent's stream of text into clauses worth synthesising: the first short, so that the answer starts early,
/// later ones longer, so that they sound like sentences.
package struct SentenceChunker: Sendable, Equatable {
    /// A clause and whether white space stood before it.
    package struct Clause: Sendable, Equatable {
        package var text: String
        package var isSpaced: Bool
    }

    private let options: ChunkingOptions
    private var pending = ""
    private var isFirst = true
    private var isSpaced = false
    /// When the oldest text that still waits arrived.
    private var waitingSince: Instant?
    /// The forced flush found nothing to cut; only new text changes that.
    private var isStuck = false

    package init(options: ChunkingOptions) { self.options = options }

    package mutating func append(_ text: String, at now: Instant, into clauses: inout [Clause]) {
        guard !text.isEmpty else { return }
        pending += text
        isStuck = false
        if waitingSince == nil { waitingSince = now }
        cutSentences(isComplete: false, at: now, into: &clauses)
    }

    /// Nothing more will come.
    package mutating func finish(at now: Instant, into clauses: inout [Clause]) {
        cutSentences(isComplete: true, at: now, into: &clauses)
        cut(pending.count, at: now, into: &clauses)
        waitingSince = nil
    }

    /// `.distantFuture` when nothing waits.
    package var forceDeadline: Instant {
        guard let waitingSince, !isStuck else { return .distantFuture }
        return waitingSince + options.forceAfter
    }

    /// The text has waited long enough: up to the last whole word it goes as it is.
    package mutating func force(at now: Instant, into clauses: inout [Clause]) {
        let characters = Array(pending.prefix(options.maximum))
        if let last = characters.last, Sentences.ends(with: last) || last.isUnspaced {
            cut(characters.count, at: now, into: &clauses)
        } else if let space = characters.lastIndex(where: { $0.isWhitespace }) {
            cut(space + 1, at: now, into: &clauses)
        }
        isStuck = true
    }

    private mutating func cutSentences(isComplete: Bool, at now: Instant, into clauses: inout [Clause]) {
        while !pending.isEmpty {
            let window = Array(pending.prefix(options.maximum + 1))
            let minimum = isFirst ? options.firstMinimum : options.minimum
            if let end = Sentences.end(in: window, minimum: minimum, isComplete: isComplete) {
                cut(end, at: now, into: &clauses)
            } else if window.count > options.maximum {
                cut(Sentences.emergencyCut(in: window, maximum: options.maximum), at: now, into: &clauses)
            } else {
                return
            }
        }
    }

    private mutating func cut(_ count: Int, at now: Instant, into clauses: inout [Clause]) {
        let piece = String(pending.prefix(count))
        pending.removeFirst(piece.count)
        waitingSince = pending.isEmpty ? nil : now
        isSpaced = isSpaced || piece.first?.isWhitespace ?? false
        // Lone punctuation cannot be spoken.
        if piece.contains(where: { $0.isLetter || $0.isNumber }) {
            clauses.append(Clause(text: piece.trimmed, isSpaced: isSpaced))
            isFirst = false
            isSpaced = false
        }
        isSpaced = isSpaced || piece.last?.isWhitespace ?? false
    }
}
