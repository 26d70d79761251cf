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
    /// Nobody has spoken for the agent since.
    package var quietSince: Instant
    /// The line that was said because the agent is slow.
    package var filler: UInt64?
    package var pendingCalls: [UInt64] = []
    package var toolSteps = 0
    package var refusedCalls = 0
    package private(set) var toolUses: [ToolUse] = []

    /// A tool that was called in the turn, and what it answered; neither longer than is of use later.
    package struct ToolUse: Sendable, Equatable {
        let call: UInt64
        let name: String
        let arguments: String
        fileprivate(set) var result: String?
        fileprivate static let length = 1000
    }

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
        quietSince = now
    }

    mutating func used(_ name: String, call: UInt64, arguments: String) {
        let arguments = String(arguments.prefix(ToolUse.length))
        toolUses.append(ToolUse(call: call, name: name, arguments: arguments))
    }

    mutating func answered(_ call: UInt64, _ text: String) {
        guard let index = toolUses.firstIndex(where: { $0.call == call }) else { return }
        toolUses[index].result = String(text.prefix(ToolUse.length))
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
