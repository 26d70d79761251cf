// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Everything that can happen to a conversation. Inputs carry no audio payload, only sample counts: the runtime keeps
/// the bytes, the conversation decides. That is what makes a log of inputs small and its replay exact.
package enum Input: Sendable, Equatable, Codable {
    /// The session is ready: stages are open, the transport is there.
    case start
    /// One frame of the caller's audio (`samples` at `Options.inputRate`) with the VAD's speech probability 0...1.
    case audio(samples: Int, probability: Float)
    /// A turn typed instead of spoken.
    case callerText(String)
    /// Keys that the caller pressed on the telephone, RFC 4733's `0`-`9`, `*`, `#`, `A`-`D`; others are left out.
    case keys(String)
    /// A provider that decides turns itself (modes `stt` and `s2s`) heard speech begin or stop.
    case providerSpeechStarted
    case providerSpeechStopped

    /// Transcripts of an utterance opened by `Action.beginUtterance`.
    case partial(utterance: UInt64, text: String)
    case final(utterance: UInt64, text: String, confidence: Float)
    case transcriptionFailed(utterance: UInt64, code: String)
    /// The turn stage's answer to `Action.judgeTurn`; in mode `stt` the provider's guess that the turn may end here,
    /// which 0 takes back.
    case turnVerdict(utterance: UInt64, probability: Float)
    /// The provider's word that it has ended.
    case providerTurnEnded

    /// The agent's stream for a `prompt`.
    case delta(generation: UInt64, text: String)
    case toolCall(generation: UInt64, call: UInt64, name: String, arguments: String)
    case toolResult(generation: UInt64, call: UInt64, text: String, failed: Bool)
    case agentDone(generation: UInt64, hangUp: Bool)
    case agentFailed(generation: UInt64, code: String)

    /// Synthesised audio of a clause has arrived (`samples` at `Options.outputRate`).
    case speech(generation: UInt64, clause: UInt64, samples: Int)
    /// A word boundary: `byteOffset` in the clause's text is spoken at `sampleOffset` of its audio.
    case speechMark(generation: UInt64, clause: UInt64, byteOffset: Int, sampleOffset: Int)
    case speechDone(generation: UInt64, clause: UInt64)
    /// `retryable`: the same clause may succeed when it is asked for again.
    case speechFailed(generation: UInt64, clause: UInt64, code: String, retryable: Bool)

    /// The client says how many samples of the agent's audio it has played since the session began.
    case played(samples: Int)

    /// The application speaks, interrupts, commits the caller's turn (manual mode), or drops what it has so far.
    case say(SayRequest)
    case interrupt
    /// One line of the application is not wanted any more, whether it plays or waits; everything else stays.
    case cancelSpeech(id: UInt64)
    case commit
    case discardTurn

    /// Turns are taken otherwise from now on.
    case adjust(Adjustment)
    /// The application keeps the history itself: this is all that was said before the turn in progress.
    case history([HistoryItem])
    /// The agent is to answer now, without a turn of the caller. `text`: what it has not answered yet; may be empty.
    case respond(text: String)

    /// The caller's connection broke, and may come back: until it does the agent's audio waits.
    case callerLost
    case callerBack

    /// The speech-to-speech provider is lost; recogniser, agent and synthesiser are there in its place.
    case providerReplaced(hasTurnStage: Bool)

    /// The conversation is to go on in another pipeline, after the turn in progress.
    case switchPipeline(to: Pipeline, reason: SwitchReason)
    /// After `Action.openPipeline`: its stages are there, or cannot be had.
    case pipelineReady(Pipeline, hasTurnStage: Bool)
    case pipelineRefused(message: String)

    /// The language is another from now on: a BCP 47 tag that the stages speak.
    case changeLanguage(String, source: LanguageSource)
    /// What the recogniser says of the language of the utterance whose final transcript comes next.
    case languageHeard(String, words: Int)

    case close(CloseReason)
    /// All stages have closed after `Action.closeStages`.
    case stagesClosed
    /// Nothing but time: `Conversation.deadline` has come.
    case tick
}

/// What may be changed of a live conversation; nil = stays as it is.
package struct Adjustment: Sendable, Equatable, Codable {
    /// Not of a pipeline whose provider decides turns.
    package var turnMode: TurnMode?
    package var speech: SpeechOptions?
    package var endpointing: EndpointingOptions?
    /// See ``InterruptionOptions/byVoice``, ``Options/answersTurns``, ``Options/speaksAnswers``.
    package var interruptsByVoice: Bool?
    package var answersTurns: Bool?
    package var speaksAnswers: Bool?

    package init() {}
}

/// Something the application wants said.
package struct SayRequest: Sendable, Equatable, Codable {
    /// Chosen by the caller, unique in the session; events about it carry the same id.
    package var id: UInt64
    package var text: String
    package var priority: SpeechPriority
    package var interruptible: Bool
    package var addToHistory: Bool

    package init(
        id: UInt64, text: String, priority: SpeechPriority = .normal, interruptible: Bool = true,
        addToHistory: Bool = true
    ) {
        self.id = id
        self.text = text
        self.priority = priority
        self.interruptible = interruptible
        self.addToHistory = addToHistory
    }
}

/// Order in the speech queue; first in, first out within one priority.
package enum SpeechPriority: Int, Sendable, Codable, Comparable {
    case low = 0
    case normal = 5
    case high = 10

    package static func < (left: SpeechPriority, right: SpeechPriority) -> Bool { left.rawValue < right.rawValue }
}
