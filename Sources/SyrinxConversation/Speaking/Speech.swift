// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// One thing the agent says: an answer, or a line of the application.
package struct Speech: Sendable, Equatable {
    package enum Origin: Sendable, Equatable {
        case reply
        case say(addToHistory: Bool)
    }

    /// Ids of speeches made by the core (answers, greeting, fallback line): bit 52 and their generation, so that JSON
    /// numbers hold them exactly. The application's ids, `SayRequest.id`, stay below.
    package static func coreID(generation: UInt64) -> UInt64 { generation | 1 << 52 }

    package let id: UInt64
    package let generation: UInt64
    package let origin: Origin
    package let priority: SpeechPriority
    package let isInterruptible: Bool
    package var clauses: Clauses
    private var wording: WordingStream
    package var chunker: SentenceChunker
    package var playout: Playout
    package var startedAt: Instant?

    package init(reply generation: UInt64, wording: Wording, options: Options) {
        id = Self.coreID(generation: generation)
        self.generation = generation
        origin = .reply
        priority = .normal
        isInterruptible = options.interruption.enabled
        clauses = Clauses(voice: generation, pronunciation: wording.pronunciation)
        self.wording = wording.stream
        chunker = SentenceChunker(options: options.chunking)
        playout = Playout(options: options.playout)
    }

    package init(_ request: SayRequest, generation: UInt64, wording: Wording, options: Options, at now: Instant) {
        id = request.id
        self.generation = generation
        origin = .say(addToHistory: request.addToHistory)
        priority = request.priority
        isInterruptible = request.interruptible && options.interruption.enabled
        clauses = Clauses(voice: generation, pronunciation: wording.pronunciation)
        self.wording = wording.stream
        chunker = SentenceChunker(options: options.chunking)
        playout = Playout(options: options.playout)
        if options.pipeline == .s2s, !options.hasSynthesiser {
            addWhole(request.text.trimmed)
        } else {
            add(request.text, at: now)
            finishText(at: now)
        }
    }

    package mutating func add(_ text: String, at now: Instant) {
        var cut: [SentenceChunker.Clause] = []
        chunker.append(wording.append(text), at: now, into: &cut)
        add(cut)
    }

    package mutating func finishText(at now: Instant) {
        var cut: [SentenceChunker.Clause] = []
        chunker.append(wording.finish(), at: now, into: &cut)
        chunker.finish(at: now, into: &cut)
        add(cut)
        clauses.isTextComplete = true
    }

    package mutating func forceText(at now: Instant) {
        var cut: [SentenceChunker.Clause] = []
        chunker.force(at: now, into: &cut)
        add(cut)
    }

    /// The text is forced out only when there is nothing else to synthesise: a cut in mid-sentence costs prosody.
    package var forceDeadline: Instant {
        clauses.isSynthesising || clauses.hasUnrequested ? .distantFuture : chunker.forceDeadline
    }

    /// Whoever speaks by itself gets a line in one piece.
    private mutating func addWhole(_ line: String) {
        if !line.isEmpty { clauses.append(line, isSpaced: false) }
        clauses.isTextComplete = true
    }

    private mutating func add(_ cut: [SentenceChunker.Clause]) {
        for clause in cut { clauses.append(clause.text, isSpaced: clause.isSpaced) }
    }
}
