// SPDX-License-Identifier: Apache-2.0

/// Everything a conversation can be tuned by.
package struct Options: Sendable, Equatable, Codable {
    /// Hz of the caller's audio and of the agent's.
    package var inputRate = 16_000
    package var outputRate = 24_000
    package var turnMode = TurnMode.vad
    package var pipeline = Pipeline.cascade
    /// A turn stage answers `Action.judgeTurn`.
    package var hasTurnStage = false
    /// A synthesiser answers `Action.speak`; without one, lines that are to be said go to the speech-to-speech provider.
    package var hasSynthesiser = true
    /// False: a turn of the caller is written down, and answered when the application asks for it.
    package var answersTurns = true
    /// False: answers of a cascade are text, which nobody speaks.
    package var speaksAnswers = true
    /// BCP 47; decides backchannels, command words and dangling tails.
    package var language = "en"
    /// Said when the session starts.
    package var greeting: String?
    /// Said when a turn fails, so that the caller does not meet silence.
    package var fallbackLine: String?
    /// Said while the agent is slow; nil: nothing. Optional, so that older logs are read.
    package var filler: FillerOptions?
    /// Another pipeline is there to go on in; nil: none. Optional as well.
    package var hybrid: HybridOptions?
    /// BCP 47 tags that the conversation changes to when the recogniser hears them; nil: it never does.
    package var languages: [String]?

    package var keys = KeyOptions()
    package var speech = SpeechOptions()
    package var endpointing = EndpointingOptions()
    package var interruption = InterruptionOptions()
    package var chunking = ChunkingOptions()
    package var wording = WordingOptions()
    package var playout = PlayoutOptions()
    package var preemptive = PreemptiveOptions()
    package var limits = Limits()
    package var timeouts = Timeouts()

    package init() {}
}

/// Who decides that the caller's turn is complete.
package enum TurnMode: String, Sendable, Codable, CaseIterable {
    /// Our voice activity detector and endpointing.
    case vad
    /// The speech-to-text provider.
    case stt
    /// The application, by `Input.commit`.
    case manual
    /// The speech-to-speech provider.
    case s2s
}

package enum Pipeline: String, Sendable, Codable, CaseIterable {
    case cascade
    case s2s
    /// Voice activity and speech events only; nothing is asked or said. The runtime echoes the frames.
    case loopback
}

/// Hysteresis of the voice activity detector.
package struct SpeechOptions: Sendable, Equatable, Codable {
    package var onThreshold: Float = 0.5
    package var offThreshold: Float = 0.35
    package var minSpeech = Duration.milliseconds(80)
    package var minSilence = Duration.milliseconds(300)
    package var prefixPadding = Duration.milliseconds(300)
    /// How long the detector goes on saying "speech" after speech has ended; a property of the VAD, not of the caller.
    package var hangover = Duration.zero
    /// After so long without audio the audio clock goes on with wall time (Pipecat's `audio_idle_timeout`).
    package var audioIdle = Duration.milliseconds(1000)

    package init() {}
}

package struct EndpointingOptions: Sendable, Equatable, Codable {
    package var minDelay = Duration.milliseconds(500)
    package var maxDelay = Duration.milliseconds(3000)
    /// Used instead once the turn stage has answered.
    package var judgedMinDelay = Duration.milliseconds(300)
    package var judgedMaxDelay = Duration.milliseconds(2500)
    package var danglingExtra = Duration.milliseconds(400)
    /// Silence after which the turn stage is asked, and how long its answer is awaited.
    package var judgeAfter = Duration.milliseconds(200)
    package var judgeTimeout = Duration.milliseconds(300)
    package var judgeThreshold: Float = 0.5
    /// Learn the caller's pauses.
    package var dynamic = false
    package var dynamicAlpha = 0.9
    /// A final transcript that is missing so long after the end of speech is given up.
    package var transcriptTimeout = Duration.milliseconds(5000)

    package init() {}
}

package struct InterruptionOptions: Sendable, Equatable, Codable {
    /// False: the caller never interrupts an answer, as if each were uninterruptible.
    package var enabled = true
    /// False: the application may interrupt, the caller's voice does not.
    package var byVoice = true
    package var candidateAfter = Duration.milliseconds(60)
    package var minDuration = Duration.milliseconds(400)
    package var minWords = 0
    package var lexicalFilter = true
    package var duck = true
    /// -12 dB.
    package var duckGain: Float = 0.25
    /// False: speech of `minDuration` cuts the agent at once and nothing is ever resumed.
    package var pauseAndResume = true
    package var falseInterruptionTimeout = Duration.milliseconds(2000)
    package var backchannelBoundary = Duration.milliseconds(1000)
    /// Open microphones hear the agent until the echo canceller has converged; the server sets 3 s for them.
    package var aecWarmUp = Duration.zero
    package var uninterruptiblePolicy = UninterruptiblePolicy.drop

    package init() {}
}

/// What becomes of a turn spoken over an uninterruptible speech.
package enum UninterruptiblePolicy: String, Sendable, Codable {
    case drop
    case queue
}

/// What the caller hears while the agent has not begun to answer.
package struct FillerOptions: Sendable, Equatable, Codable {
    /// Quiet for so long since the turn was decided.
    package var after = Duration.milliseconds(1500)
    /// Said in turn, one a turn of the caller.
    package var lines: [String] = []

    package init(after: Duration = .milliseconds(1500), lines: [String] = []) {
        self.after = after
        self.lines = lines
    }
}

/// Cutting the agent's text into clauses, in characters.
package struct ChunkingOptions: Sendable, Equatable, Codable {
    package var firstMinimum = 8
    package var minimum = 20
    package var maximum = 300
    package var forceAfter = Duration.milliseconds(400)

    package init() {}
}

package struct PlayoutOptions: Sendable, Equatable, Codable {
    package var frame = Duration.milliseconds(20)
    package var lead = Duration.milliseconds(100)
    /// A client that acknowledges playback but falls silent about it is given so long after the paced end.
    package var ackFallback = Duration.milliseconds(350)

    package init() {}
}

/// Asking the agent before the turn is committed.
package struct PreemptiveOptions: Sendable, Equatable, Codable {
    package var enabled = false
    package var maxSpeech = Duration.seconds(10)
    package var maxTries = 3

    package init() {}
}

/// Nothing is unbounded.
package struct Limits: Sendable, Equatable, Codable {
    package var queuedSpeeches = 32
    package var agentTextBytes = 64 * 1024
    package var turnTextBytes = 64 * 1024
    package var utterancesInTurn = 64
    package var historyItems = 1000
    /// Clauses in synthesis beyond the one that plays.
    package var clausesAhead = 2
    /// Synthesised audio that waits to be played; no further clause is asked for beyond it.
    package var bufferedAudio = Duration.seconds(10)
    package var maxToolSteps = 3
    /// So many failures in a row close the session.
    package var unrecoverableErrors = 3

    package init() {}
}

package struct Timeouts: Sendable, Equatable, Codable {
    package var start = Duration.seconds(10)
    package var away = Duration.seconds(15)
    package var idle = Duration.seconds(300)
    /// Nil: none.
    package var maxDuration: Duration? = .seconds(3600)
    package var close = Duration.seconds(2)
    /// First token of the agent, and first byte of a clause's audio.
    package var agentFirstToken = Duration.seconds(5)
    package var speechFirstByte = Duration.milliseconds(2500)
    /// Silence in the middle of an answer, of a clause, or of a tool.
    package var agentStall = Duration.seconds(10)
    package var speechStall = Duration.seconds(5)
    package var tool = Duration.seconds(30)

    package init() {}
}
