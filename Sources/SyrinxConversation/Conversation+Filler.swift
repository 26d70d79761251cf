// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// A line said while the agent is slow, so that the caller does not meet silence: once a turn, interruptible, never in
/// the history, and no part of the answer's latency.
extension Conversation {
    /// When the line of the turn is due; `.distantFuture` while there is another voice on the line, or none is owed.
    var fillerDeadline: Instant {
        guard let turn, turn.filler == nil, !turn.isAgentDone, options.pipeline == .cascade, options.speaksAnswers,
            let filler = options.filler, !filler.lines.isEmpty, queue.isEmpty, userState != .speaking, !isHoldingBack
        else { return .distantFuture }
        return turn.quietSince + filler.after
    }

    mutating func sayFillerIfDue() {
        guard now >= fillerDeadline, let lines = options.filler?.lines else { return }
        let id = Speech.coreID(generation: generation &+ 1)
        turn?.filler = id
        let line = lines[fillersSaid % lines.count]
        fillersSaid += 1
        say(SayRequest(id: id, text: line, addToHistory: false))
    }

    /// The answer is here: a line that nobody has heard a sound of is not said any more.
    mutating func dropSilentFiller() {
        guard let id = turn?.filler else { return }
        silence { $0.id == id && $0.startedAt == nil }
    }
}
