// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// How a session ended. The first end of a session counts; a second changes nothing.
package struct SessionEnd: Sendable, Hashable {
    package var session: String
    /// A ``CloseReason``'s word, or `host_crashed`.
    package var reason: String
    /// The code of the error that ended it.
    package var errorCode: String?
    package var endedAt: Int64
    package var totals: SessionTotals

    package init(
        session: String, reason: String, errorCode: String? = nil, endedAt: Int64,
        totals: SessionTotals = SessionTotals()
    ) {
        self.session = session
        self.reason = reason
        self.errorCode = errorCode
        self.endedAt = endedAt
        self.totals = totals
    }
}

/// What a session used in all. Negative numbers count as none.
package struct SessionTotals: Sendable, Hashable {
    package var turns: Int64 = 0
    /// The caller's audio that came, and the agent's that was sent, in milliseconds.
    package var callerAudio: Int64 = 0
    package var agentAudio: Int64 = 0
    /// Characters that were given to the synthesiser.
    package var characters: Int64 = 0
    package var inputTokens: Int64 = 0
    package var outputTokens: Int64 = 0
    package var toolCalls: Int64 = 0

    package init() {}

    /// In the order of ``SessionTotals/columns``; kept where no sum of them can overflow.
    var values: [Int64] {
        [turns, callerAudio, agentAudio, characters, inputTokens, outputTokens, toolCalls].map {
            min(max(0, $0), 1 << 40)
        }
    }

    static let columns = [
        "turns", "callerAudio", "agentAudio", "characters", "inputTokens", "outputTokens", "toolCalls",
    ]

    init(values: [Int64]) {
        guard values.count == Self.columns.count else { return }
        (turns, callerAudio, agentAudio, characters) = (values[0], values[1], values[2], values[3])
        (inputTokens, outputTokens, toolCalls) = (values[4], values[5], values[6])
    }

    package var json: JSONValue {
        [
            "turns": .int(turns), "caller_audio_ms": .int(callerAudio), "agent_audio_ms": .int(agentAudio),
            "characters": .int(characters), "input_tokens": .int(inputTokens), "output_tokens": .int(outputTokens),
            "tool_calls": .int(toolCalls),
        ]
    }
}
