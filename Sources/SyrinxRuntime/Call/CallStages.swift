// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAudio
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

/// The stages of one session, open.
struct CallStages {
    var language: String
    /// Stages that were opened for another language, and have something to finish.
    var stale: Set<PluginKind> = []
    private(set) var filters: [StageSession] = []
    private(set) var vad: StageSession?
    var stt: StageSession?
    var turn: StageSession?
    var tts: StageSession?
    private(set) var backend: StageSession?
    /// In the place of recogniser and agent.
    var speaker: SpeechToSpeech?
    var agent: (any AgentLink)?
    var toolDescriptions: [ToolDescription] = []
    private var inputProcessors: [any AudioProcessor] = []
    private var outputProcessors: [any AudioProcessor] = []
    private var echo: EchoReference?
    private var speechResampler: Resampler?
    private var speechScale = 1.0
    private var convertedGeneration: UInt64 = 0
    var sttTakesUtterancesOnly = false
    /// It has not heard what came before.
    var sttIsNew = false
    private(set) var opener: StageOpener?
    /// Of the stages whose provider another may take over from.
    var chains: [PluginKind: StageChain] = [:]
    /// Those that race with the stage at work.
    var hedges: [PluginKind: Hedge] = [:]
    private var cancellers: [StageSession] = []
    private(set) var inputRate = 0
    /// Set when a filter or the VAD answers later than it is called.
    private(set) var path: FramePath?
    private var outcomes: StageOutcomes?

    init(language: String) { self.language = language }

    /// Opens all stages of a profile, or none.
    mutating func open(_ setup: CallSetup, pipelineRate: Int, session: CallSession) throws(SyrinxError) {
        do {
            try openAll(setup, pipelineRate, session)
        } catch {
            close {}
            throw error
        }
    }

    private mutating func openAll(_ setup: CallSetup, _ rate: Int, _ session: CallSession) throws(SyrinxError) {
        let opener = StageOpener(setup: setup, session: session)
        self.opener = opener
        inputRate = rate
        outcomes = setup.outcomes
        let prepared = setup.prepared
        backend = try prepared.backend.map { stage throws(SyrinxError) in try opener.open(stage, input: rate) }
        try openFilters(prepared, rate, opener)
        vad = try prepared.vad.map { stage throws(SyrinxError) in try opener.open(stage, input: rate) }
        if prepared.isSpeechToSpeech {
            toolDescriptions = setup.toolDescriptions
            try openVoice(prepared, opener, rate)
            try openSpeaker(prepared, opener, rate)
            return finishOpening(setup, session)
        }
        try openCascade(opener)
        toolDescriptions = setup.toolDescriptions
        try openVoice(prepared, opener, rate)
        finishOpening(setup, session)
    }

    /// Who hears and who answers.
    mutating func openCascade(_ opener: StageOpener) throws(SyrinxError) {
        let prepared = opener.setup.prepared
        if let stage = prepared.stt {
            stt = try openFirst(stage, opener)
            sttTakesUtterancesOnly = stt?.provider.descriptor.capabilities.wantsUtterancesOnly ?? false
        }
        let rate = inputRate
        turn = try prepared.turn.map { stage throws(SyrinxError) in try opener.open(stage, input: rate) }
        if let link = opener.setup.agent {
            agent = link
        } else if let stage = prepared.agent {
            agent = PluginAgent(try openFirst(stage, opener))
        }
    }

    /// The speech-to-speech provider is lost: recogniser and agent in its place, if the profile has them.
    /// - Returns: false when it has not, or they cannot be had.
    mutating func replaceSpeaker() -> Bool {
        (try? leaveSpeaker()) != nil
    }

    private mutating func openVoice(
        _ prepared: PreparedProfile, _ opener: StageOpener, _ rate: Int
    ) throws(SyrinxError) {
        guard let stage = prepared.tts else { return }
        let voice = try openFirst(stage, opener)
        tts = voice
        convert(from: voice.outputRate)
    }

    /// What the synthesiser says comes at this rate in Hz.
    mutating func convert(from native: Int) {
        let client = opener?.setup.request.rate ?? native
        speechScale = Double(client) / Double(native)
        speechResampler = native == client ? nil : Resampler(from: native, to: client)
    }

    private mutating func finishOpening(_ setup: CallSetup, _ session: CallSession) {
        inputProcessors = setup.processors.filter { $0.stage == .preSTT }.sorted { $0.order < $1.order }
        outputProcessors = setup.processors.filter { $0.stage == .postTTS }.sorted { $0.order < $1.order }
        makePath(session)
    }

    private mutating func makePath(_ session: CallSession) {
        let listening = filters + [vad].compactMap(\.self)
        guard listening.contains(where: { $0.provider.descriptor.origin.mode == .isolated }) else { return }
        let stations =
            filters.map(FramePath.Station.filter) + inputProcessors.map(FramePath.Station.processor)
            + [vad].compactMap { $0.map(FramePath.Station.vad) }
        path = FramePath(stations, now: opener?.setup.now ?? { .zero }) {
            [weak session] samples, count, pts, probability in
            session?.heard(samples, count: count, pts: pts, probability: probability)
        }
    }

    private mutating func openFilters(
        _ prepared: PreparedProfile, _ rate: Int, _ opener: StageOpener
    ) throws(SyrinxError) {
        for (stage, plan) in zip(prepared.filters, prepared.profile.filters) {
            let filter = try opener.open(stage, input: rate)
            filters.append(filter)
            if plan.cancelsEcho { cancellers.append(filter) }
        }
        echo = EchoReference(filters: cancellers, from: opener.setup.request.rate, to: rate)
    }

    // MARK: stages whose helper is gone

    struct Lost {
        var kind: PluginKind
        /// Another session of the same provider has taken its place.
        var isReplaced: Bool
    }

    /// The agent, if it is a plugin.
    var agentStage: StageSession? { (agent as? PluginAgent)?.stage }

    /// The stage of a kind whose provider another may take over from.
    func session(_ kind: PluginKind) -> StageSession? {
        switch kind {
        case .stt: stt
        case .agent: agentStage
        case .tts: tts
        default: nil
        }
    }

    /// A stage of this kind that is lost.
    func lost(_ kind: PluginKind) -> StageSession? {
        (filters + [vad, stt, turn, tts, backend, agentStage].compactMap(\.self)).first {
            $0.provider.descriptor.kind == kind && $0.isLost
        }
    }

    /// Opens another session for each stage that is lost.
    mutating func replaceLost() -> [Lost] {
        guard let opener else { return [] }
        let prepared = opener.setup.prepared
        var lost: [Lost] = []
        for (index, stage) in prepared.filters.enumerated() where index < filters.count && filters[index].isLost {
            lost.append(replace(filters[index], stage) { $0.filters[index] = $1 })
        }
        for (old, stage, set) in [
            (vad, prepared.vad, { $0.vad = $1 }), (stt, chains[.stt]?.current, { $0.stt = $1 }),
            (turn, prepared.turn, { $0.turn = $1 }), (tts, chains[.tts]?.current, { $0.tts = $1 }),
            (backend, prepared.backend, { $0.backend = $1 }),
        ] as [(StageSession?, PreparedProfile.Stage?, (inout CallStages, StageSession) -> Void)] {
            guard let old, old.isLost, let stage else { continue }
            lost.append(replace(old, stage, set))
        }
        if let old = agentStage, old.isLost, let stage = chains[.agent]?.current {
            lost.append(replace(old, stage) { $0.agent = PluginAgent($1) })
        }
        return lost
    }

    private mutating func replace(
        _ old: StageSession, _ stage: PreparedProfile.Stage, _ set: (inout CallStages, StageSession) -> Void
    ) -> Lost {
        let kind = stage.provider.descriptor.kind
        guard let new = try? opener?.open(stage, input: old.inputRate, output: old.outputRate) else {
            return Lost(kind: kind, isReplaced: false)
        }
        set(&self, new)
        path?.replace(old, with: new)
        if let index = cancellers.firstIndex(where: { $0 === old }), let setup = opener?.setup {
            cancellers[index] = new
            echo = EchoReference(filters: cancellers, from: setup.request.rate, to: inputRate)
        }
        old.close {}
        return Lost(kind: kind, isReplaced: true)
    }

    /// Whether the recogniser may be lost and want the caller's audio again.
    var transcriberMayBeLost: Bool {
        guard let stt else { return false }
        let descriptor = stt.provider.descriptor
        let mayBeReplaced = chains[.stt]?.hasOthers == true || !descriptor.permissions.net.isEmpty
        return mayBeReplaced || descriptor.origin.mode == .isolated
    }

    // MARK: listening

    var hasTranscriber: Bool { stt != nil }
    var hasTurnStage: Bool { turn != nil }
    var wantsPreRoll: Bool { stt != nil && (sttTakesUtterancesOnly || sttIsNew) }

    /// Cleans a frame in place and asks the VAD. A filter that fails lets the frame through; a VAD that fails hears
    /// silence.
    @inline(__always)
    func listen(_ samples: UnsafeMutablePointer<Int16>, count: Int, pts: Int64) -> Float {
        for filter in filters {
            let status = filter.process(samples, samples, samples: count, pts: pts).status
            if status < 0 { frameFailed(filter, status) }
        }
        for processor in inputProcessors {
            processor.process(UnsafeMutableBufferPointer(start: samples, count: count))
        }
        guard let vad else { return 0 }
        let (status, probability) = vad.process(samples, nil, samples: count, pts: pts)
        if status < 0 { frameFailed(vad, status) }
        return probability
    }

    @inline(never)
    private func frameFailed(_ stage: StageSession, _ status: Int32) {
        outcomes?.frameFailed(generation: stage.provider.descriptor.generation, status: status)
    }

    /// The current frame to the recogniser, if it wants it.
    func transcribe(_ samples: UnsafePointer<Int16>, count: Int, utterance: UInt64, pts: Int64) {
        guard utterance != 0 || !sttTakesUtterancesOnly else { return }
        stt?.audio(samples, count: count, generation: utterance, pts: pts)
    }

    /// The current frame to a turn detector that judges by the voice.
    func letTurnHear(_ samples: UnsafePointer<Int16>, count: Int, utterance: UInt64, pts: Int64) {
        guard let turn, turn.provider.descriptor.capabilities.wantsAudio else { return }
        guard utterance != 0 || !turn.provider.descriptor.capabilities.wantsUtterancesOnly else { return }
        turn.audio(samples, count: count, generation: utterance, pts: pts)
    }

    /// Prefix padding, in frames of the usual length. `end` = pts after the last sample.
    func transcribe(_ samples: UnsafeBufferPointer<Int16>, frame: Int, utterance: UInt64, end: Int64) {
        guard let base = samples.baseAddress else { return }
        for start in stride(from: 0, to: samples.count, by: frame) {
            let count = min(frame, samples.count - start)
            let pts = end - Int64(samples.count - start)
            stt?.audio(base + start, count: count, generation: utterance, pts: pts)
        }
    }

    // MARK: speaking

    mutating func convertSpeech(_ samples: [Int16], generation: UInt64) -> [Int16] {
        guard let speechResampler else { return samples }
        // The filter's memory holds the end of what was said before: it belongs to no other response.
        if generation != convertedGeneration { speechResampler.reset() }
        convertedGeneration = generation
        var converted: [Int16] = []
        converted.reserveCapacity(Int(Double(samples.count) * speechScale) + 64)
        samples.withUnsafeBufferPointer { speechResampler.convert($0, into: &converted) }
        return converted
    }

    /// An offset in the synthesiser's rate, in the client's.
    func scaleSpeech(_ samples: Int) -> Int { Int(exactly: (Double(samples) * speechScale).rounded()) ?? 0 }

    func processOutput(_ frame: UnsafeMutableBufferPointer<Int16>) {
        for processor in outputProcessors { processor.process(frame) }
        echo?.played(UnsafeBufferPointer(frame))
    }

    // MARK: end

    /// The model; where none can be had, those who stand in for it.
    private mutating func openSpeaker(
        _ prepared: PreparedProfile, _ opener: StageOpener, _ rate: Int
    ) throws(SyrinxError) {
        do {
            speaker = try openSpeechToSpeech(prepared, opener, rate)
        } catch {
            guard prepared.hasCascade(ownAgent: opener.setup.agent != nil) else { throw error }
            try openCascade(opener)
        }
    }

    /// Closes all; `done` comes once, after the last, on the session's loop.
    mutating func close(_ done: @escaping @Sendable () -> Void) {
        let open =
            filters + [vad, stt, turn, tts, backend].compactMap(\.self) + (speaker?.sessions ?? [])
            + hedges.values.map(\.session)
        let countdown = Countdown(open.count + (agent == nil ? 0 : 1), done)
        for stage in open { stage.close { countdown.step() } }
        agent?.close { countdown.step() }
        if open.isEmpty && agent == nil { done() }
        path?.close()
        self = CallStages(language: language)
    }
}

extension StagePlan {
    /// The operator has switched echo cancellation on: the filter needs to know what the agent plays.
    fileprivate var cancelsEcho: Bool {
        (options["echo_cancellation"] ?? config["echo_cancellation"])?.bool ?? false
    }
}

/// Opens one stage for a session and sends its events there.
final class StageOpener {
    /// The language may change; what is opened later is for the new one.
    var setup: CallSetup
    private unowned let session: CallSession

    init(setup: CallSetup, session: CallSession) {
        self.setup = setup
        self.session = session
    }

    /// - Parameters:
    ///   - link: which of several sessions of a speech-to-speech provider it is.
    ///   - hedge: it is opened beside the one at work.
    func open(
        _ stage: PreparedProfile.Stage, input: Int, output: Int? = nil, link: Int? = nil, hedge: HedgeTicket? = nil
    ) throws(SyrinxError) -> StageSession {
        let kind = stage.provider.descriptor.kind
        let target = WeakSession(session)
        let ticket = hedge.map(LoopBound.init)
        let conversation = setup.prepared.profile.conversation
        let language = setup.request.language ?? conversation.language
        var parameters = StageParameters(
            tenant: setup.request.tenant, session: setup.id, user: setup.request.user, locale: language,
            options: stage.voices.options(for: language) ?? stage.options, inputRate: input,
            outputRate: output ?? input)
        parameters.trace = setup.trace
        if kind == .stt { parameters.deadline = conversation.endpointing.transcriptTimeout }
        do {
            let opened = try stage.provider.openSession(parameters, executor: setup.executor) { event in
                if let link {
                    target.session?.receive(event, fromLink: link)
                } else if let ticket {
                    target.session?.receive(event, from: kind, by: ticket.value)
                } else {
                    target.session?.receive(event, from: kind)
                }
            }
            setup.outcomes.opened(generation: stage.provider.descriptor.generation)
            return opened
        } catch {
            // That it serves no more at once is no fault of its build.
            if error.code != "provider.session_limit" {
                setup.outcomes.failed(generation: stage.provider.descriptor.generation)
            }
            throw error
        }
    }
}

private final class WeakSession: @unchecked Sendable {
    weak var session: CallSession?

    init(_ session: CallSession) { self.session = session }
}

/// Runs `done` at the last of `count` steps. All on one event loop.
private final class Countdown: @unchecked Sendable {
    private var count: Int
    private let done: @Sendable () -> Void

    init(_ count: Int, _ done: @escaping @Sendable () -> Void) {
        self.count = count
        self.done = done
    }

    func step() {
        count -= 1
        if count == 0 { done() }
    }
}
