// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// A committed turn that has no outcome yet.
package struct ActiveTurn: Sendable, Equatable {
    package let number: Int
    package let generation: UInt64
    package var userText: String
    /// Where in the history the caller's words belong.
    package internal(set) var historyIndex: Int
    package var timeline: TurnTimeline
    /// Audio time of the true end of the caller's speech.
    package var speechEnd: Duration?

    package var agentText = ""
    package var heard = ""
    /// Samples of the answer that were played, as far as one can know.
    package var playedSamples = 0
    package var isAgentDone = false
    package var hangsUp = false
    /// The agent owes a first token: after the prompt and after each tool result.
    package var awaitsToken = true
    package var lastProgress: Instant
    package var pendingCalls: [UInt64] = []
    package var toolSteps = 0
    package var refusedCalls = 0

    package init(
        number: Int,
        generation: UInt64,
        userText: String,
        historyIndex: Int,
        timeline: TurnTimeline,
        at now: Instant
    ) {
        self.number = number
        self.generation = generation
        self.userText = userText
        self.historyIndex = historyIndex
        self.timeline = timeline
        lastProgress = now
    }

    /// Past this the agent is given up, so that no turn hangs.
    package func deadline(_ timeouts: Timeouts) -> Instant {
        if isAgentDone { return .distantFuture }
        if !pendingCalls.isEmpty { return lastProgress + timeouts.tool }
        return lastProgress + (awaitsToken ? timeouts.agentFirstToken : timeouts.agentStall)
    }

    package func report(_ outcome: TurnOutcome, failure: String?) -> TurnReport {
        TurnReport(
            turn: number,
            outcome: outcome,
            user: userText,
            agent: agentText,
            heard: heard,
            failure: failure,
            timeline: timeline
        )
    }
}
