// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxAudio
package import SyrinxConversation
package import SyrinxCore
internal import SyrinxHost

/// One live session: feeds the conversation with what happens and carries out what it decides. It decides nothing
/// itself.
///
/// Threads: everything on the event loop of its connection. A session makes no allocation and takes no lock per frame
/// while nothing happens but audio.
package final class CallSession: Ticking {
    package let id: String
    package let request: CallRequest
    package let status: CallStatus
    package let executor: LoopExecutor
    /// The pipeline echoes the caller's messages; the transport does it, the bytes never change.
    package let isLoopback: Bool

    var conversation: Conversation
    var stages: CallStages
    var speech = SpeechStore()
    weak var transport: (any CallTransport)?
    /// The application may give the session another agent, with other tools.
    package var tools: [String: ToolHandler]
    /// What the caller's side has asked the agent to be and do.
    private(set) var brief = Brief()
    /// What a model that needs no agent is to be and do.
    private let ownInstructions: String?
    /// A model that is to take over from the cascade, and is not ready.
    var incoming: SpeechToSpeech?
    /// When the provider last heard the caller begin to speak.
    var speechBegan: Instant?
    /// So many samples of the caller had been heard when the provider took its last turn.
    var turnEnded: Int64 = 0
    /// The same of the turn before.
    var turnEndedBefore: Int64 = 0

    let now: () -> Instant
    private let ticker: LoopTicker
    private let recorder: (any CallRecorder)?
    let observers: [any CallObserver]
    let listeners: [any CallListener]
    private let onEnd: (CloseReason) -> Void
    let outcomes: StageOutcomes
    let historyWindow: HistoryWindow
    /// As observers know them, by kind.
    var providers: [String: String] = [:]
    let breakers: BreakerBoard
    let failover: FailoverRule
    /// Providers that have lost their connection.
    var reconnections: [PluginKind: Reconnection] = [:]
    /// The last request for which each stage was asked twice.
    var retried: [PluginKind: UInt64] = [:]
    /// Nil: nothing is given to another provider because it is slow.
    var slowTurns: SlowTurns?
    /// For the operator's log.
    let onWarning: (String) -> Void

    // Media
    private let assembler: FrameAssembler
    private let inputResampler: Resampler?
    private var resampled: [Int16] = []
    private var preRoll: PreRoll
    private let builder: FrameBuilder
    /// Samples of the caller that have come, and those that have been heard: fewer while a helper has a frame.
    private var arrived: Int64 = 0
    private var pts: Int64 = 0
    var utterance: UInt64 = 0
    var requests = OpenRequests()
    /// Another helper is being waited for.
    var isRecovering = false
    var lostForGood: Set<PluginKind> = []
    private var playedSinceCredit = 0
    /// The speech that played last.
    private var creditor: UInt64 = 0
    var usage = CallUsage()
    private var sentSamples: Int64 = 0
    /// What is said before the session is closed, and the reason it is closed with.
    var farewell: (speech: UInt64, reason: CloseReason)?

    // Work of one `handle`
    private var actions: [Action] = []
    private var pending: [Input] = []
    private var isHandling = false
    private(set) var isOver = false

    package init(_ setup: CallSetup, transport: any CallTransport) throws(SyrinxError) {
        id = setup.id
        request = setup.request
        status = setup.status
        executor = setup.executor
        ticker = setup.ticker
        now = setup.now
        recorder = setup.recorder
        observers = setup.observers
        listeners = setup.listeners
        onEnd = setup.onEnd
        outcomes = setup.outcomes
        breakers = setup.breakers
        onWarning = setup.onWarning
        failover = setup.prepared.profile.failover
        historyWindow = setup.prepared.profile.history
        slowTurns = setup.prepared.profile.latency.map(SlowTurns.init)
        tools = setup.tools
        ownInstructions = setup.instructions
        self.transport = transport
        let pipelineRate = setup.prepared.pipelineRate(client: setup.request.rate)
        var options = setup.prepared.profile.conversation
        options.inputRate = pipelineRate
        options.outputRate = setup.request.rate
        if let language = setup.request.language { options.language = language }
        Self.allowForFallback(&options, setup.prepared)
        isLoopback = options.pipeline == .loopback
        conversation = Conversation(options: options)
        assembler = FrameAssembler(frameSamples: pipelineRate / 50)
        builder = FrameBuilder(frameSamples: setup.request.rate / 50)
        inputResampler =
            pipelineRate == setup.request.rate ? nil : Resampler(from: setup.request.rate, to: pipelineRate)
        let padding = options.speech.prefixPadding + options.speech.minSpeech + .milliseconds(100)
        preRoll = PreRoll(samples: setup.prepared.stt == nil ? 0 : Int(padding.milliseconds) * pipelineRate / 1000)
        stages = CallStages(language: options.language)
        recorder?.begin(options)
        status.begin(options)
        try stages.open(setup, pipelineRate: pipelineRate, session: self)
        if stages.transcriberMayBeLost || stages.speaker != nil || options.hybrid != nil {
            preRoll = PreRoll(samples: Self.replaySeconds * pipelineRate)
        }
        ticker.add(self)
        providers = setup.prepared.providerNames(ownAgent: setup.agent != nil)
        providers.merge(stages.providers) { $1 }
        let facts = CallFacts(
            id: id, request: request, providers: providers, pipeline: options.pipeline, begunAt: now())
        for observer in observers { observer.began(facts) }
        // Arms the start timeout.
        submit(.tick)
        if let speaker = stages.speaker {
            introduce(speaker.current, history: [])
        } else if options.pipeline == .s2s {
            onWarning("s2s: no model can be had; recogniser, agent and synthesiser go on in its place")
            submit(.providerReplaced(hasTurnStage: stages.turn != nil))
        }
    }

    /// The transport is ready: the conversation begins.
    package func start() { submit(.start) }

    /// The transport is gone, and another may come: the conversation waits for it.
    package func detach() {
        transport = nil
        submit(.callerLost)
    }

    /// Another transport takes the session up, on the same event loop.
    package func attach(_ transport: any CallTransport) {
        self.transport = transport
        submit(.callerBack)
    }

    /// The agent is told so from its next prompt on. A speech-to-speech model is told in another session of it, which
    /// takes over at the next quiet moment.
    package func take(_ brief: Brief) {
        guard brief != self.brief else { return }
        self.brief = brief
        stages.toolDescriptions = brief.tools
        renewSpeaker()
    }

    /// What a model that needs no agent is to be and do.
    var instructions: String? { brief.instructions ?? ownInstructions }

    // MARK: audio of the caller

    /// One message of s16le mono audio at the request's rate, any whole number of samples.
    /// - Returns: false when the bytes are not whole samples; nothing was taken.
    package func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count % 2 == 0 else { return false }
        guard !isOver else { return true }
        if !listeners.isEmpty { hear(bytes) }
        if let inputResampler {
            resample(bytes, with: inputResampler)
        } else {
            assembler.append(bytes) { frame($0) }
        }
        return true
    }

    private func hear(_ bytes: UnsafeRawBufferPointer) {
        let time = now()
        for listener in listeners { listener.caller(bytes, at: time) }
    }

    /// The far end hears this from here: the agent, or what the transport plays while it is silent.
    func said(_ samples: UnsafeBufferPointer<Int16>) {
        guard !listeners.isEmpty else { return }
        let time = now()
        for listener in listeners { listener.agent(samples, at: time) }
    }

    private func resample(_ bytes: UnsafeRawBufferPointer, with resampler: Resampler) {
        var input: [Int16] = []
        input.reserveCapacity(bytes.count / 2)
        for offset in stride(from: 0, to: bytes.count, by: 2) {
            input.append(bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self))
        }
        resampled.removeAll(keepingCapacity: true)
        input.withUnsafeBufferPointer { resampler.convert($0, into: &resampled) }
        // Out of the property while frames are handled: a frame may end the session.
        var samples: [Int16] = []
        swap(&samples, &resampled)
        samples.withUnsafeBytes { assembler.append($0) { frame($0) } }
        swap(&samples, &resampled)
    }

    /// One frame at the pipeline's rate, in memory that may be changed.
    private func frame(_ samples: UnsafeMutablePointer<Int16>) {
        guard !isOver else { return }
        let count = assembler.frameSamples
        if let path = stages.path {
            path.take(samples, count: count, pts: arrived)
        } else {
            heard(samples, count: count, pts: pts, probability: stages.listen(samples, count: count, pts: pts))
        }
        arrived &+= Int64(count)
    }

    /// A frame has been through filters and VAD.
    func heard(_ samples: UnsafeMutablePointer<Int16>, count: Int, pts: Int64, probability: Float) {
        guard !isOver else { return }
        if stages.hasTranscriber {
            preRoll.append(samples, count: count)
            stages.transcribe(samples, count: count, utterance: utterance, pts: pts)
            stages.letTurnHear(samples, count: count, utterance: utterance, pts: pts)
        } else if let speaker = stages.speaker {
            preRoll.append(samples, count: count)
            speaker.hear(UnsafeBufferPointer(start: samples, count: count), pts: pts)
        }
        self.pts = pts &+ Int64(count)
        submit(.audio(samples: count, probability: probability))
    }

    // MARK: the conversation

    /// Feeds one input and carries out what follows from it. An input that arrives meanwhile (an application that
    /// answers an event at once) waits its turn.
    package func submit(_ input: Input) {
        guard !isOver else { return }
        guard !isHandling else { return pending.append(input) }
        isHandling = true
        handle(input)
        while !pending.isEmpty { handle(pending.removeFirst()) }
        isHandling = false
        if stages.speaker?.isLeaving == true { considerRollover() }
        if incoming != nil { considerIncoming() }
        ticker.update(self, deadline: isOver ? .distantFuture : conversation.deadline)
        transport?.flush()
    }

    /// Before whatever waits its turn.
    func submitNext(_ input: Input) { isHandling ? pending.insert(input, at: 0) : submit(input) }

    package func tick(at now: Instant) { submit(.tick) }

    private func handle(_ input: Input) {
        guard mayTake(input) else { return }
        let time = now()
        conversation.handle(input, at: time, into: &actions)
        recorder?.record(input, at: time, actions: actions)
        guard !actions.isEmpty else { return }
        var batch: [Action] = []
        swap(&batch, &actions)
        for action in batch { perform(action, at: time) }
        batch.removeAll(keepingCapacity: true)
        if actions.isEmpty { swap(&batch, &actions) }
    }

    private func perform(_ action: Action, at time: Instant) {
        switch action {
        case .piece(let generation, let clause, let offset, let samples):
            let room = builder.room(for: samples)
            speech.copy(generation: generation, clause: clause, offset: offset, count: room.count, to: room)
        case .sendFrame(let generation, let gain):
            let frame = builder.finish(gain)
            stages.processOutput(frame)
            let sent = UnsafeBufferPointer(frame)
            if let instead = transport?.play(sent) {
                instead.withUnsafeBufferPointer { said($0) }
            } else {
                said(sent)
            }
            sentSamples &+= Int64(frame.count)
            played(frame.count, of: generation)
        case .releaseAudio(let generation, let clause, let before):
            // What was played is freed already; only the end of a clause, or one never played, is left to do.
            if before == .max { giveBack(speech.release(generation: generation, clause: clause), of: generation) }
        case .clear(let generation):
            for listener in listeners { listener.cleared(at: time) }
            cancelSpeech(generation)
        case .cancelSpeech(let generation): cancelSpeech(generation)
        case .event(let event):
            if case .speechFinished(let speech, let generation, _, _) = event {
                giveBack(self.speech.end(generation), of: generation)
                if speech == farewell?.speech { pending.append(.close(farewell?.reason ?? .drained)) }
            }
            status.note(event, conversation: conversation)
            noteTimeout(event)
            // Whoever is told of it finds it counted.
            for observer in observers { observer.noted(event, at: time) }
            transport?.send(event: event, at: time)
            noteLatency(event)
        case .closed(let reason, _): finish(reason)
        default: performOnStages(action)
        }
    }

    private func cancelSpeech(_ generation: UInt64) {
        requests.forgetSpeech(generation)
        dropHedge(.tts, of: generation)
        if stages.speaker?.cancel(generation) != true { stages.tts?.cancel(generation) }
        giveBack(speech.end(generation), of: generation)
    }

    func beginUtterance(_ number: UInt64, padding: Int) {
        if leaveIfGone(.stt) { stages.sttIsNew = true }
        utterance = number
        requests.beginUtterance(number, at: pts - Int64(padding))
        guard stages.wantsPreRoll else { return }
        stages.sttIsNew = false
        let samples = preRoll.last(padding)
        samples.withUnsafeBufferPointer { samples in
            stages.transcribe(samples, frame: assembler.frameSamples, utterance: number, end: pts)
        }
    }

    func endUtterance(_ number: UInt64) {
        if utterance == number { utterance = 0 }
        requests.endUtterance(number, at: pts)
    }

    /// The caller's latest audio, and the number of the first sample.
    func latestAudio(_ duration: Duration, since start: Int64) -> (samples: [Int16], pts: Int64) {
        let rate = assembler.frameSamples * 50
        let wanted = min(Int64(duration / .milliseconds(1)) * Int64(rate) / 1000, pts - start)
        let samples = preRoll.last(Int(max(0, wanted)))
        return (samples, pts - Int64(samples.count))
    }

    /// Samples of the caller that have been heard.
    var heardSamples: Int64 { pts }

    /// The caller's audio between two places, as far as it is kept, to the recogniser once more.
    func replayAudio(from start: Int64, to end: Int64?, utterance: UInt64) {
        let end = end ?? pts
        var samples = preRoll.last(Int(clamping: pts - start))
        samples.removeLast(min(samples.count, Int(clamping: max(0, pts - end))))
        samples.withUnsafeBufferPointer { samples in
            stages.transcribe(samples, frame: assembler.frameSamples, utterance: utterance, end: end)
        }
    }

    // MARK: credit

    /// Played audio gives its stage credit back, some frames at a time: a lock is taken for it.
    private func played(_ samples: Int, of generation: UInt64) {
        if creditor != generation { settleCredit() }
        creditor = generation
        playedSinceCredit += samples
        guard playedSinceCredit >= builder.frameSamples * 10 else { return }
        settleCredit()
    }

    /// - Parameter samples: at the client's rate, beside those that were played.
    func giveBack(_ samples: Int, of generation: UInt64) {
        settleCredit()
        credit(samples, to: generation)
    }

    private func settleCredit() {
        credit(playedSinceCredit, to: creditor)
        playedSinceCredit = 0
    }

    private func credit(_ samples: Int, to generation: UInt64) {
        guard samples > 0, let stage = stages.speaker?.stage(of: generation) ?? stages.tts else { return }
        stage.giveBack(samples * stage.outputRate / max(1, request.rate) + 1)
    }

    // MARK: end

    private func finish(_ reason: CloseReason) {
        guard !isOver else { return }
        isOver = true
        ticker.remove(self)
        recorder?.end()
        let time = now()
        for listener in listeners { listener.ended(at: time) }
        usage.callerAudio = Self.duration(arrived, rate: assembler.frameSamples * 50)
        usage.agentAudio = Self.duration(sentSamples, rate: request.rate)
        usage.counters = conversation.counters
        for observer in observers { observer.ended(reason, usage: usage, at: time) }
        transport?.ended(reason)
        onEnd(reason)
    }

    private static func duration(_ samples: Int64, rate: Int) -> Duration {
        .seconds(samples / Int64(rate)) + .nanoseconds(samples % Int64(rate) * 1_000_000_000 / Int64(rate))
    }
}
