// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The clauses of one speech, from text to the last sample: asked for in order, arriving in order, consumed in order.
package struct Clauses: Sendable, Equatable {
    package struct Mark: Sendable, Equatable {
        package var byteOffset: Int
        package var sampleOffset: Int
    }

    package struct Clause: Sendable, Equatable {
        /// In the agent's words.
        package var text: String
        /// What the synthesiser was asked to say, where that is something else.
        package internal(set) var spoken: SpokenClause?
        package internal(set) var isSpaced: Bool
        /// Number and generation under which it was asked for.
        package internal(set) var id: UInt64 = 0
        package internal(set) var voice: UInt64 = 0
        package internal(set) var marks: [Mark] = []
        package internal(set) var arrived = 0
        package internal(set) var consumed = 0
        package internal(set) var isDone = false
        /// It was asked for before, and that failed.
        package internal(set) var isRepeated = false
    }

    /// Samples to append to a frame.
    package struct Piece: Sendable, Equatable {
        package var voice: UInt64
        package var clause: UInt64
        package var offset: Int
        package var samples: Int
        /// The clause has no sample left.
        package var isLastOfClause: Bool
    }

    package internal(set) var all: [Clause] = []
    /// How many have been asked for.
    package internal(set) var requested = 0
    /// Index of the first that is not consumed.
    private var cursor = 0
    /// The generation under which clauses are asked for.
    package internal(set) var voice: UInt64
    private var newestID: UInt64 = 0
    /// No clause follows.
    package var isTextComplete = false
    /// Since when the synthesiser owes something: what was last asked for, came, or was taken to be played.
    package private(set) var waitingSince = Instant.zero

    private let pronunciation: Pronunciation

    package init(voice: UInt64, pronunciation: Pronunciation = Pronunciation(.none)) {
        self.voice = voice
        self.pronunciation = pronunciation
    }

    package mutating func append(_ text: String, isSpaced: Bool) { all.append(Clause(text: text, isSpaced: isSpaced)) }

    // MARK: Asking

    package mutating func requestNext(at now: Instant) -> (clause: Clause, isLast: Bool)? {
        guard requested < all.count else { return nil }
        // While another clause is in synthesis, its own progress sets the time.
        if !isSynthesising { waitingSince = now }
        newestID += 1
        all[requested].id = newestID
        all[requested].voice = voice
        all[requested].spoken = pronunciation.spoken(all[requested].text)
        requested += 1
        return (all[requested - 1], isTextComplete && requested == all.count)
    }

    package var isSynthesising: Bool { outstanding.contains { !$0.isDone } }
    /// The clause in synthesis has given no sample yet.
    package var isWaitingForFirstByte: Bool { outstanding.first { !$0.isDone }?.arrived == 0 }
    /// This one is asked for and not complete. Some plugins do not number their failures: 0 is any.
    package func isSynthesising(_ id: UInt64) -> Bool { id == 0 ? isSynthesising : indexInSynthesis(id) != nil }
    package var hasUnrequested: Bool { requested < all.count }
    /// Asked for and not yet begun to play.
    package var ahead: Int { max(requested - cursor - 1, 0) }

    // MARK: Arriving

    /// False: no such clause is in synthesis.
    package mutating func arrive(_ id: UInt64, samples: Int, at now: Instant) -> Bool {
        guard samples > 0, let index = indexInSynthesis(id) else { return false }
        all[index].arrived += min(samples, 1 << 32)
        waitingSince = now
        return true
    }

    package mutating func mark(_ id: UInt64, _ mark: Mark) -> Bool {
        guard let index = indexInSynthesis(id), all[index].marks.count < 4096, mark.byteOffset >= 0 else {
            return false
        }
        var mark = mark
        if let spoken = all[index].spoken { mark.byteOffset = spoken.written(spoken: mark.byteOffset) }
        if let last = all[index].marks.last, last.sampleOffset > mark.sampleOffset { return false }
        all[index].marks.append(mark)
        return true
    }

    package mutating func finish(_ id: UInt64, at now: Instant) -> Bool {
        guard let index = indexInSynthesis(id) else { return false }
        all[index].isDone = true
        waitingSince = now
        return true
    }

    /// Text of a speech-to-speech answer, whose one clause grows.
    package mutating func extendLast(_ text: String) {
        guard let last = all.indices.last else { return }
        all[last].text += text
    }

    // MARK: Consuming

    /// Samples that could be played without a gap, counted up to `limit`.
    package func ready(upTo limit: Int) -> Int {
        var sum = 0
        var index = cursor
        while index < requested, sum < limit {
            sum += all[index].arrived - all[index].consumed
            guard all[index].isDone else { break }
            index += 1
        }
        return min(sum, limit)
    }

    package func buffered() -> Int {
        outstanding.reduce(0) { $0 + $1.arrived - $1.consumed }
    }

    /// Audio was there until now: the synthesiser may have been waiting for it to be played.
    package mutating func taken(at now: Instant) { waitingSince = now }

    /// The next piece of at most `limit` samples; nil when there is nothing ready.
    package mutating func take(upTo limit: Int) -> Piece? {
        guard cursor < requested else { return nil }
        let clause = all[cursor]
        let samples = min(clause.arrived - clause.consumed, limit)
        all[cursor].consumed += samples
        let isLast = clause.isDone && all[cursor].consumed == clause.arrived
        guard samples > 0 || isLast else { return nil }
        if isLast { cursor += 1 }
        return Piece(
            voice: clause.voice, clause: clause.id, offset: clause.consumed, samples: samples, isLastOfClause: isLast)
    }

    /// Every clause is synthesised, whether played or not.
    package var isAudioComplete: Bool { isTextComplete && requested == all.count && !isSynthesising }
    package var isConsumed: Bool { isTextComplete && cursor == all.count }
    /// Asked for and not consumed: their audio has not been released yet.
    package var outstanding: ArraySlice<Clause> { all[cursor..<requested] }

    /// All of the text, as it would be written.
    package var text: String { Self.text(of: all[...]) }

    package static func text(of clauses: ArraySlice<Clause>) -> String {
        clauses.reduce("") { $0 + ($1.isSpaced && !$0.isEmpty ? " " : "") + $1.text }
    }

    func indexInSynthesis(_ id: UInt64) -> Int? { outstanding.firstIndex { $0.id == id && !$0.isDone } }
}
