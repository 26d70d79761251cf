// SPDX-License-Identifier: Apache-2.0

/// What happens in a session, in order.
public enum VoiceEvent: Sendable, Hashable {
    /// The conversation has begun.
    case started
    /// ``VoiceSession/state`` changed.
    case stateChanged(PipelineState)

    /// The caller began to speak.
    case userSpeechStarted
    /// The caller fell silent.
    case userSpeechStopped
    /// The caller has been quiet for long.
    case userAway
    /// The caller is back.
    case userReturned
    /// Keys of the telephone, each at once; the turn that they make follows.
    case keysPressed(String)
    /// What the caller seems to be saying; later ones replace earlier ones.
    case partialTranscript(String)
    /// What the caller said. A backchannel ("mm-hm") is not answered.
    case finalTranscript(String, confidence: Float, isBackchannel: Bool)
    /// The caller's turn is over, and the agent is asked. `delay` counts from the true end of the speech.
    case turnCommitted(turn: Int, text: String, delay: Duration)

    /// A piece of the agent's answer, as it came.
    case agentText(turn: Int?, text: String)
    /// The agent uses a tool; the arguments are JSON.
    case toolCalled(turn: Int?, name: String, arguments: String)
    /// The first frame of an answer or of a line left. `speech` is ``SpeechHandle/id`` for lines of the application.
    case speechStarted(speech: UInt64)
    /// An answer or a line is over; `heard` is what the caller heard of it.
    case speechFinished(speech: UInt64, heard: String, wasInterrupted: Bool)

    /// The caller may be interrupting: the agent pauses.
    case interruptionCandidate
    /// The caller interrupted, so long after beginning to speak.
    case interruptionConfirmed(latency: Duration)
    /// It was nothing; the agent goes on where it stopped, unless it was done.
    case interruptionFalse(resumed: Bool)

    /// The session goes on in another pipeline, with the same history.
    case pipelineSwitched(to: PipelineType, reason: PipelineSwitchReason)
    /// The session goes on in another language; BCP 47 tags.
    case languageChanged(to: String, from: String, source: LanguageSource)

    /// Exactly one for every committed turn.
    case turnEnded(VoiceTurn)
    /// The answer was heard later after the caller's last word than the configuration wants.
    case latencyTargetExceeded(turn: Int, latency: Duration, target: Duration)
    /// Something went wrong that the session survives.
    case warning(code: String, message: String)
    /// So many events were dropped here because nobody read them in time.
    case eventsLost(Int)
    /// The last event.
    case ended(EndReason)
}

/// Why a session goes on in another pipeline.
public enum PipelineSwitchReason: String, Sendable, Hashable, Codable, CaseIterable {
    /// ``VoiceSession/switchPipeline(to:)``.
    case requested
    /// ``Config/hybridAfterTools``.
    case tools
    /// The pipeline that was at work cannot go on.
    case failure
}

/// Who changed a session's language.
public enum LanguageSource: String, Sendable, Hashable, Codable, CaseIterable {
    /// ``VoiceSession/setLanguage(_:)``.
    case requested
    /// The agent, by its tool `switch_language`.
    case agent
    /// The recogniser heard another language.
    case detected
}

/// One finished turn.
public struct VoiceTurn: Sendable, Hashable {
    /// How a turn ends.
    public enum Outcome: String, Sendable, Hashable, Codable {
        /// The caller heard the whole answer.
        case answered
        /// The caller cut it off.
        case interrupted
        /// There was no answer, or it broke off.
        case failed
    }

    /// Counts from 1.
    public var number: Int
    /// How it ended.
    public var outcome: Outcome
    /// The caller's words.
    public var user: String
    /// The agent's whole answer.
    public var agent: String
    /// What the caller heard of it.
    public var heard: String
    /// Why it failed: `agent_error`, `timeout`, `pipeline_error`, ...
    public var failure: VoiceBackendError.Code?
    /// How long each step took.
    public var latency: TurnLatency
}

/// A turn's latency in steps that follow each other and add up to the total. A step that did not happen is nil; one that
/// was over before the one in front of it took no time of its own.
public struct TurnLatency: Sendable, Hashable {
    /// From the caller's last word to the decision that the turn is over.
    public var endOfTurn: Duration?
    /// From there to the final transcript.
    public var transcript: Duration?
    /// From there to the agent's first word.
    public var agentFirstToken: Duration?
    /// From there to the first audio of its answer.
    public var speechFirstByte: Duration?
    /// From there to the first frame that left.
    public var firstAudio: Duration?

    /// From the caller's last word to the first frame of the answer; nil when there was none.
    public var total: Duration? {
        guard let firstAudio else { return nil }
        return [endOfTurn, transcript, agentFirstToken, speechFirstByte].compactMap(\.self).reduce(firstAudio, +)
    }
}
