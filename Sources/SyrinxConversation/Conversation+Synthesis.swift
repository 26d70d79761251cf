// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// A synthesiser that fails.
extension Conversation {
    /// Something of the current speech that can be repeated is asked for again from the next word that was not heard;
    /// a clause that fails a second time fails its speech.
    mutating func clauseFailed(_ generation: UInt64, _ clause: UInt64, _ code: String, retryable: Bool) {
        var failed: Speech?
        queue.update(voice: generation) { if $0.clauses.isSynthesising(clause) { failed = $0 } }
        guard let failed else { return countStale() }
        guard retryable, options.pipeline == .cascade, synthesiseAgain() else {
            return speechFailed(failed.generation, code)
        }
        warn(
            "speech.repeated", "the synthesiser failed in the middle of a speech (\(code)); the rest is asked for again"
        )
    }

    mutating func synthesiseAgain() -> Bool {
        guard let old = queue.current?.clauses.voice else { return false }
        let again = generation &+ 1
        guard let dropped = queue.current?.clauses.beginAgain(as: again, rate: options.outputRate) else { return false }
        generation = again
        emit(.abandonSynthesis(generation: old, again: again))
        for clause in dropped { release(clause.voice, clause.id) }
        return true
    }
}
