// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What the conversation wants done. The runtime executes actions in order and decides nothing.
package enum Action: Sendable, Equatable, Codable {
    /// Caller audio goes to the STT as this utterance from now on, beginning `padding` samples before the end of the
    /// current frame (prefix padding, current frame included).
    case beginUtterance(UInt64, padding: Int)
    /// The utterance is complete after the current frame: ask for its final transcript.
    case endUtterance(UInt64)
    case cancelUtterance(UInt64)
    /// Ask the turn stage whether the turn is complete.
    case judgeTurn(utterance: UInt64, text: String, silence: Duration)

    /// Ask the agent. The runtime adds `Conversation.history`. `speculative` answers must not run tools yet.
    case prompt(generation: UInt64, text: String, speculative: Bool)
    case cancelAgent(generation: UInt64)
    case runTool(generation: UInt64, call: UInt64, name: String, arguments: String)
    case sendToolResult(generation: UInt64, call: UInt64, text: String, failed: Bool)
    /// To a speech-to-speech provider: the caller has heard so much of this response, and will hear no more.
    case truncate(generation: UInt64, played: Duration, heard: String)

    /// Synthesise a clause; answers are `Input.speech`... with the same numbers. The generation is the speech's own,
    /// until its synthesis has to begin again.
    case speak(generation: UInt64, clause: UInt64, text: String, last: Bool)
    case cancelSpeech(generation: UInt64)
    /// The synthesiser's stream for `generation` died. It is not to work on it any more, but what came of it and is not
    /// released will be played. What is missing is asked for as `again`.
    case abandonSynthesis(generation: UInt64, again: UInt64)

    /// Append samples of a clause to the frame being assembled.
    case piece(generation: UInt64, clause: UInt64, offset: Int, samples: Int)
    /// Pad the assembled frame with silence to 20 ms, apply the gain ramp, send it.
    case sendFrame(generation: UInt64, gain: GainRamp)
    /// Clause audio before `offset` will not be asked for again (`.max`: nothing of the clause).
    case releaseAudio(generation: UInt64, clause: UInt64, before: Int)
    /// The transport shall drop what it has buffered of this generation, now.
    case clear(generation: UInt64)

    /// Open the stages of another pipeline and leave those at work for them; answer `Input.pipelineReady` or
    /// `pipelineRefused`. No turn is in progress; one that begins meanwhile is the old pipeline's.
    case openPipeline(Pipeline)
    /// Recogniser, agent and voice go over to another language, each as soon as it may.
    case useLanguage(String)

    case event(SessionEvent)

    /// Close STT, agent, TTS...; answer `Input.stagesClosed`.
    case closeStages
    /// The end: nothing follows. `leaked` = a stage did not close in time.
    case closed(CloseReason, leaked: Bool)
}

/// Linear gain over one frame; 1 = as is. Ducking moves between 1 and 0.25 (-12 dB).
package struct GainRamp: Sendable, Equatable, Codable {
    package var from: Float
    package var to: Float

    package init(from: Float, to: Float) {
        self.from = from
        self.to = to
    }

    package static let unity = GainRamp(from: 1, to: 1)
}
