// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// Synthesised audio that waits to be played, by generation and clause. The conversation says which samples to play;
/// it asks for each sample once and in order, so what was played is freed at once.
struct SpeechStore {
    private struct Clause {
        let generation: UInt64
        let number: UInt64
        var chunks: Deque<[Int16]> = []
        /// Offset in the clause of the first sample of the first chunk.
        var start = 0
        /// Offset of the first sample that was not asked for yet.
        var played = 0

        /// Samples that nobody has played.
        var held: Int { max(0, start + chunks.reduce(0) { $0 + $1.count } - played) }
    }

    private var clauses: [Clause] = []
    /// Generations that were asked for and not ended; audio of any other is not kept.
    private var expected: [UInt64] = []

    /// - Returns: how many samples were held of a generation that is forgotten for it.
    mutating func expect(_ generation: UInt64) -> Int {
        guard !expected.contains(generation) else { return 0 }
        // Speeches follow one another; the few latest are all that can still speak.
        let forgotten = expected.count == 8 ? end(expected[0]) : 0
        expected.append(generation)
        return forgotten
    }

    /// - Returns: false when nobody will play it.
    mutating func append(_ samples: [Int16], generation: UInt64, clause: UInt64) -> Bool {
        guard expected.contains(generation) else { return false }
        if let index = index(generation, clause) {
            clauses[index].chunks.append(samples)
        } else {
            clauses.append(Clause(generation: generation, number: clause, chunks: [samples]))
        }
        return true
    }

    /// Copies `count` samples from `offset` of a clause; what is not there becomes silence.
    mutating func copy(
        generation: UInt64, clause: UInt64, offset: Int, count: Int, to target: UnsafeMutableBufferPointer<Int16>
    ) {
        let count = min(count, target.count)
        var done = 0
        if let index = index(generation, clause) {
            while done < count, let chunk = clauses[index].chunks.first {
                let from = offset + done - clauses[index].start
                if from >= chunk.count {
                    clauses[index].start += chunk.count
                    clauses[index].chunks.removeFirst()
                    continue
                }
                guard from >= 0 else { break }
                let part = min(count - done, chunk.count - from)
                for sample in 0..<part { target[done + sample] = chunk[from + sample] }
                done += part
            }
            clauses[index].played = max(clauses[index].played, offset + done)
        }
        for sample in done..<count { target[sample] = 0 }
    }

    /// - Returns: how many samples were still held.
    mutating func release(generation: UInt64, clause: UInt64) -> Int {
        guard let index = index(generation, clause) else { return 0 }
        return clauses.remove(at: index).held
    }

    /// Nothing more is kept of this generation; what is here will still be played.
    mutating func abandon(_ generation: UInt64) { expected.removeAll { $0 == generation } }

    /// Drops all of a generation, and what may still come of it.
    /// - Returns: how many samples were held.
    mutating func end(_ generation: UInt64) -> Int {
        expected.removeAll { $0 == generation }
        let held = clauses.filter { $0.generation == generation }.reduce(0) { $0 + $1.held }
        clauses.removeAll { $0.generation == generation }
        return held
    }

    var isEmpty: Bool { clauses.isEmpty }

    private func index(_ generation: UInt64, _ clause: UInt64) -> Int? {
        clauses.firstIndex { $0.generation == generation && $0.number == clause }
    }
}
