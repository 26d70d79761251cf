// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// One spoken conversation as a value: inputs and the time go in, actions come out. No clock, no thread, no socket;
/// the same inputs at the same instants give the same actions.
///
/// Each extension carries out one part of the rules:
/// `+Listening` (hearing the caller), `+Endpointing` (the end of the turn), `+Interruption` (barge-in), `+Turns`,
/// `+Agent` (the answer), `+Filler`, `+Speaking` (playout), `+Application` (say, interrupt, commit), `+Leading` (an application that
/// leads the conversation itself), `+Hybrid` (another pipeline), `+Language`, `+Lifecycle`.
package struct Conversation: Sendable {
    package internal(set) var options: Options
    package internal(set) var sessionState = SessionState.created
    package internal(set) var userState = UserState.listening
    package internal(set) var agentState = AgentState.initializing
    /// The newest generation: one a response, whether an answer or a line of the application, and one for each time that
    /// its synthesis begins again.
    package internal(set) var generation: UInt64 = 0
    package internal(set) var history: [HistoryItem] = []
    package internal(set) var counters = Counters()

    // Listening
    var clock: AudioClock
    var detector: SpeechDetector
    var endpointing: Endpointing
    var transcript: Transcript
    var openUtterance: UInt64?
    var lastUtterance: UInt64 = 0
    var isDangling = false
    /// Arrival of the newest final transcript of the turn.
    var finalAt: Instant?
    var transcriptDeadline = Instant.distantFuture
    /// Onset of the caller's newest speech, on the wall and on the audio clock.
    var speechOnset: Instant?
    var speechOnsetPosition = Duration.zero
    var keyCollector: KeyCollector
    /// Words that a speech-to-speech provider owes.
    var spoken = SpokenTurns()

    // Interruption
    var lexicon: Lexicon
    var bargeIn: BargeIn
    var firstAudioAt: Instant?
    /// Nobody is there to hear the agent.
    var isCallerLost = false

    // Turns
    var turn: ActiveTurn?
    var speculation: Speculation?
    var speculationTries = 0
    var historyVersion = 0
    var consecutiveFailures = 0
    /// Lines said while the agent was slow.
    var fillersSaid = 0

    // Switching
    var wantedPipeline: PipelineSwitch?
    /// Tool calls since the pipeline at work took over.
    var toolCalls = 0
    /// Once is enough: the other pipeline may be as ill.
    var hasLeftForFailure = false
    /// How the cascade takes turns, while a model is at work.
    var cascadeTurnMode = TurnMode.vad
    var languageSense: LanguageSense

    // Speaking
    var queue: SpeechQueue
    var wording: Wording
    var acknowledgements = Acknowledgements()
    let frameSamples: Int

    // Lifecycle
    var timers: IdleTimers
    var stateDeadline = Instant.distantFuture
    var endDeadline = Instant.distantFuture

    /// The instant of the input being handled.
    var now = Instant.zero
    /// The caller's array while an input is handled, so that nothing is allocated on the steady path.
    var actions: [Action] = []

    package init(options: Options) {
        self.options = options
        clock = AudioClock(rate: options.inputRate, idle: options.speech.audioIdle)
        detector = SpeechDetector(options: options.speech)
        endpointing = Endpointing(options: options.endpointing, hasTurnStage: options.hasTurnStage)
        transcript = Transcript(limits: options.limits)
        lexicon = Lexicon(language: options.language)
        languageSense = LanguageSense(allowed: options.languages ?? [])
        keyCollector = KeyCollector(options: options.keys)
        bargeIn = BargeIn(options: options.interruption)
        queue = SpeechQueue(limit: options.limits.queuedSpeeches)
        wording = Wording(options)
        timers = IdleTimers(timeouts: options.timeouts)
        let output = AudioClock(rate: options.outputRate, idle: .zero)
        frameSamples = max(output.samples(in: options.playout.frame), 1)
    }

    /// Appends what is to be done because of `input`.
    package mutating func handle(_ input: Input, at instant: Instant, into output: inout [Action]) {
        // Time never goes backwards, whatever the caller says.
        now = max(now, instant)
        swap(&actions, &output)
        defer { swap(&actions, &output) }
        guard accepts(input) else {
            counters.ignored += 1
            return
        }
        apply(input)
        settle()
    }

    package var pipelineState: PipelineState {
        PipelineState(session: sessionState, user: userState, agent: agentState)
    }

    private mutating func apply(_ input: Input) {
        switch input {
        case .start: start()
        case .audio(let samples, let probability): hear(samples: samples, probability: probability)
        case .callerText(let text): type(text)
        case .keys(let keys): press(keys)
        case .providerSpeechStarted: providerHeardSpeech()
        case .providerSpeechStopped: providerHeardSilence()
        case .partial(let utterance, let text): hearPartial(utterance, text)
        case .final(let utterance, let text, let confidence): hearFinal(utterance, text, confidence)
        case .transcriptionFailed(let utterance, let code): transcriptionFailed(utterance, code)
        case .turnVerdict(let utterance, let probability): judged(utterance, probability)
        case .providerTurnEnded: providerEndedTurn()
        case .delta, .toolCall, .agentDone, .agentFailed: agentAnswered(input)
        case .toolResult(let generation, let call, let text, let failed):
            toolAnswered(generation, call: call, text: text, failed: failed)
        case .speech(let generation, let clause, let samples): audioArrived(generation, clause, samples)
        case .speechMark(let generation, let clause, let byte, let sample):
            markArrived(generation, clause, Clauses.Mark(byteOffset: byte, sampleOffset: sample))
        case .speechDone(let generation, let clause): clauseDone(generation, clause)
        case .speechFailed(let generation, let clause, let code, let retryable):
            clauseFailed(generation, clause, code, retryable: retryable)
        case .played(let samples): acknowledgements.played(samples)
        case .say(let request): say(request)
        case .interrupt: interrupt()
        case .cancelSpeech(let id): silence(dropping: { $0.id == id })
        case .commit: commitByApplication()
        case .discardTurn: discardTurn()
        case .adjust(let adjustment): adjust(adjustment)
        case .history(let items): replaceHistory(items)
        case .respond(let text): respond(to: text)
        case .callerLost: isCallerLost = true
        case .callerBack: callerCameBack()
        case .providerReplaced(let hasTurnStage): goOnAsCascade(hasTurnStage: hasTurnStage)
        case .switchPipeline(let target, let reason): wantPipeline(target, because: reason)
        case .pipelineReady(let pipeline, let hasTurnStage): goOn(in: pipeline, hasTurnStage: hasTurnStage)
        case .pipelineRefused(let message): pipelineRefused(message)
        case .changeLanguage(let language, let source): changeLanguage(language, source: source)
        case .languageHeard(let tag, let words): heardLanguage(tag, words: words)
        case .close(let reason): close(reason)
        case .stagesClosed: stagesClosed()
        case .tick: break
        }
    }

    /// After every input the same questions are asked, in this order.
    private mutating func settle() {
        checkLifecycle()
        guard sessionState == .active else { return }
        endSpeechOfSilentClient()
        checkKeys()
        checkFalseInterruption()
        endTurnOfCaller()
        checkAgent()
        speak()
        checkIdleness()
        reportAgentState()
        switchBetweenTurns()
    }

    mutating func emit(_ action: Action) { actions.append(action) }
    mutating func emit(_ event: SessionEvent) { actions.append(.event(event)) }

    mutating func warn(_ code: String, _ message: String) { emit(.warning(code: code, message: message)) }

    /// A new response begins.
    mutating func nextGeneration() -> UInt64 {
        generation &+= 1
        return generation
    }

    /// Something is being answered or said.
    var isResponding: Bool { turn != nil || queue.current != nil }
    /// No frame leaves just now, whatever is ready.
    var isHoldingBack: Bool { bargeIn.isPaused || isCallerLost }
    /// The agent's voice is on the line.
    var isSounding: Bool { queue.current?.startedAt != nil }
}
