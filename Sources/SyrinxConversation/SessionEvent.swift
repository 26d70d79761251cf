// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What clients and applications are told. Each becomes one JSON object with a `type` (see `docs/PROTOCOL.md`).
package enum SessionEvent: Sendable, Equatable, Codable {
    case started
    case userSpeechStarted
    case userSpeechStopped
    case userAway
    case userReturned
    /// Each key at once; the turn that they make comes after the terminator or a pause.
    case keysPressed(keys: String)
    case partialTranscript(text: String)
    case finalTranscript(text: String, confidence: Float, backchannel: Bool)
    case turnCommitted(turn: Int, text: String, endOfTurnDelay: Duration, source: TurnSource, probability: Float?)
    /// The caller's turn is complete and waits for the application to have it answered (``Options/answersTurns``).
    case turnHeld(text: String)
    case agentState(AgentState)
    case agentText(turn: Int?, generation: UInt64, text: String)
    case toolCalled(turn: Int?, name: String, arguments: String)
    case speechQueued(speech: UInt64)
    case speechStarted(speech: UInt64, generation: UInt64)
    case speechFinished(speech: UInt64, generation: UInt64, heard: String, interrupted: Bool)
    case interruptionCandidate
    case interruptionConfirmed(generation: UInt64, latency: Duration)
    case interruptionFalse(resumed: Bool)
    case audioClear(generation: UInt64)
    /// Exactly one for every committed turn.
    case turnEnded(TurnReport)
    /// The conversation goes on in another pipeline, with the same history.
    case pipelineSwitched(to: Pipeline, reason: SwitchReason)
    /// The caller is understood and answered in another language.
    case languageChanged(language: String, from: String, source: LanguageSource)
    case warning(code: String, message: String)
    case closed(reason: CloseReason)
}

/// How a turn's end was decided.
package enum TurnSource: String, Sendable, Codable {
    case silence, detector, provider, manual, text, timeout
}

/// The agent's half of the conversation. `paused` counts as speaking for the outside.
package enum AgentState: String, Sendable, Codable {
    case initializing, idle, listening, thinking, speaking, paused
}

/// How a committed turn ended.
package enum TurnOutcome: String, Sendable, Codable {
    case answered, interrupted, failed
}

/// One finished turn: what was said and heard, and how long each step took.
package struct TurnReport: Sendable, Equatable, Codable {
    package var turn: Int
    package var outcome: TurnOutcome
    /// The caller's words.
    package var user: String
    /// The agent's whole answer, and the part of it that the caller heard.
    package var agent: String
    package var heard: String
    /// `provider.timeout`, ... when the outcome is `failed`.
    package var failure: String?
    package var timeline: TurnTimeline

    package init(
        turn: Int, outcome: TurnOutcome, user: String, agent: String, heard: String, failure: String?,
        timeline: TurnTimeline
    ) {
        self.turn = turn
        self.outcome = outcome
        self.user = user
        self.agent = agent
        self.heard = heard
        self.failure = failure
        self.timeline = timeline
    }
}

/// The instants of one turn, in the order in which they usually come. A step that did not happen is nil.
package struct TurnTimeline: Sendable, Equatable, Codable {
    /// The true end of the caller's speech (back-dated), or the arrival of typed text.
    package var speechEnd: Instant?
    package var turnDecided: Instant?
    package var finalTranscript: Instant?
    package var firstToken: Instant?
    package var firstSpeechByte: Instant?
    /// First frame of the answer handed to the transport.
    package var firstAudio: Instant?

    package init() {}
}
