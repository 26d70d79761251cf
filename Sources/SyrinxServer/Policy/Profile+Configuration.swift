// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConfig
internal import SyrinxConversation
internal import SyrinxHost
internal import SyrinxRuntime

extension Profile {
    /// A profile as one tenant has it: the built-in one, what the file says over it, and the tenant's own stages over
    /// that.
    init?(_ name: String, of tenant: (name: String, config: TenantConfig), _ configuration: Configuration) {
        guard let overlay = configuration.overlay(for: name, tenant: tenant.config),
            let builtIn = BuiltInProfiles.all.first(where: { $0.name == overlay.builtIn })
        else { return nil }
        self = builtIn
        self.name = name
        self.tenant = tenant.name
        ownStages = Set(tenant.config.providers.stages.compactMap { PluginKind(stage: $0.key) })
        apply(configuration.limits)
        apply(overlay.profile)
    }

    private mutating func apply(_ limits: LimitsConfig) {
        conversation.timeouts.start = limits.startTimeout
        // A built-in profile for measuring may idle for longer than callers do.
        if conversation.pipeline != .loopback { conversation.timeouts.idle = limits.idleTimeout ?? .unlimited }
        conversation.timeouts.maxDuration = limits.maxDuration
    }

    /// Lays what a file says of a profile over what it was.
    fileprivate mutating func apply(_ overlay: ProfileConfig) {
        if let pipeline = overlay.pipeline.flatMap({ Pipeline(rawValue: $0.rawValue) }) {
            conversation.pipeline = pipeline
        }
        // Of a cascade only what the file itself names; the model needs none of it.
        if conversation.pipeline == .s2s { (vad, stt, turn, agent, tts) = (nil, nil, nil, nil, nil) }
        set(&conversation.language, overlay.language)
        if let tags = overlay.languages { conversation.languages = tags.isEmpty ? nil : tags }
        if let tools = overlay.hybrid.afterTools { hybrid.afterTools = tools > 0 ? tools : nil }
        set(&history.lines, overlay.history.lines)
        set(&history.characters, overlay.history.characters)
        if let greeting = overlay.greeting { conversation.greeting = greeting.isEmpty ? nil : greeting }
        if let line = overlay.fallbackLine { conversation.fallbackLine = line.isEmpty ? nil : line }
        if let away = overlay.away { conversation.timeouts.away = away == .zero ? .unlimited : away }
        if let phrases = overlay.hints { hints = phrases }
        if let list = overlay.filters { filters = list.map { StagePlan(.filter, $0) } }
        replace(&vad, .vad, overlay.vad)
        replace(&stt, .stt, overlay.stt)
        replace(&turn, .turn, overlay.turn)
        replace(&agent, .agent, overlay.agent)
        replace(&tts, .tts, overlay.tts)
        replace(&s2s, .s2s, overlay.s2s)
        replace(&backend, .backend, overlay.backend)
        apply(overlay.voices)
        conversation.apply(overlay.turnTaking)
        conversation.apply(overlay.filler)
        if let target = overlay.latency.target {
            let turns = overlay.latency.switchAfter ?? 3
            latency = target > .zero ? LatencyRule(target: target, switchAfter: turns) : nil
        }
        if let time = overlay.failover.reconnectAfter { failover = FailoverRule(reconnectAfter: time) }
        apply(overlay.hedging)
        conversation.apply(overlay.speech)
    }

    private mutating func apply(_ overlay: HedgingConfig) {
        let after: [PluginKind: Duration?] = [.agent: overlay.agentAfter, .tts: overlay.speechAfter]
        let limits = after.filter { overlay.stages?.contains($0.key.name) == true }.mapValues { time in
            time.flatMap { $0 > .zero ? HedgingRule.Limit.after($0) : nil } ?? .usual
        }
        hedging = limits.isEmpty ? nil : HedgingRule(limits)
    }

    private mutating func apply(_ voices: [String: SessionOptionsConfig]) {
        tts?.voices = voices.mapValues(\.value)
        for voice in voices.values { tts?.hidden.formUnion(voice.hidden) }
    }

    private func replace(_ plan: inout StagePlan?, _ kind: PluginKind, _ overlay: StageOverlay?) {
        guard let overlay else { return }
        plan = overlay.stage.map { StagePlan(kind, $0) }
    }
}

extension StagePlan {
    init(_ kind: PluginKind, _ stage: StageConfig) {
        self.init(
            kind, stage.provider, config: stage.config, options: stage.options,
            hidden: stage.hidden(in: .config).union(stage.hidden(in: .options)))
        fallback = stage.fallback.map { StagePlan(kind, $0) }
    }
}

extension Options {
    fileprivate mutating func apply(_ overlay: TurnTakingConfig) {
        if let mode = overlay.mode.flatMap({ TurnMode(rawValue: $0.rawValue) }) { turnMode = mode }
        if let policy = overlay.uninterruptible.flatMap({ UninterruptiblePolicy(rawValue: $0.rawValue) }) {
            interruption.uninterruptiblePolicy = policy
        }
        set(&preemptive.enabled, overlay.preemptive)
        set(&endpointing.transcriptTimeout, overlay.transcriptTimeout)
        apply(overlay.vad)
        apply(overlay.endpointing)
        apply(overlay.interruption)
    }

    private mutating func apply(_ overlay: VADConfig) {
        set(&speech.onThreshold, overlay.thresholdOn.map { Float($0) })
        set(&speech.offThreshold, overlay.thresholdOff.map { Float($0) })
        set(&speech.minSpeech, overlay.minSpeech)
        set(&speech.minSilence, overlay.minSilence)
        set(&speech.prefixPadding, overlay.prefixPadding)
    }

    private mutating func apply(_ overlay: EndpointingConfig) {
        set(&endpointing.minDelay, overlay.minDelay)
        set(&endpointing.maxDelay, overlay.maxDelay)
        set(&endpointing.judgedMinDelay, overlay.judgedMinDelay)
        set(&endpointing.judgedMaxDelay, overlay.judgedMaxDelay)
        set(&endpointing.judgeAfter, overlay.judgeAfter)
        set(&endpointing.judgeTimeout, overlay.judgeTimeout)
        set(&endpointing.judgeThreshold, overlay.judgeThreshold.map { Float($0) })
        set(&endpointing.danglingExtra, overlay.danglingExtra)
        set(&endpointing.dynamic, overlay.dynamic)
    }

    private mutating func apply(_ overlay: InterruptionConfig) {
        set(&interruption.enabled, overlay.enabled)
        set(&interruption.minDuration, overlay.minDuration)
        set(&interruption.minWords, overlay.minWords)
        set(&interruption.lexicalFilter, overlay.lexicalFilter)
        set(&interruption.pauseAndResume, overlay.pauseAndResume)
        set(&interruption.falseInterruptionTimeout, overlay.falseTimeout)
        set(&interruption.duck, overlay.duck)
        set(&interruption.backchannelBoundary, overlay.backchannelBoundary)
        set(&interruption.aecWarmUp, overlay.aecWarmUp)
    }

    fileprivate mutating func apply(_ overlay: FillerConfig) {
        if let lines = overlay.lines { filler = lines.isEmpty ? nil : FillerOptions(lines: lines) }
        if let after = overlay.after { filler?.after = after }
    }

    fileprivate mutating func apply(_ overlay: SpeechConfig) {
        set(&playout.lead, overlay.outputLead)
        set(&chunking.firstMinimum, overlay.firstClause)
        set(&chunking.minimum, overlay.minClause)
        set(&chunking.maximum, overlay.maxClause)
        set(&chunking.forceAfter, overlay.forceAfter)
        set(&wording.filters, overlay.filters?.compactMap { TextFilter(rawValue: $0.rawValue) })
        wording.pronunciation.merge(overlay.pronunciation) { $1 }
    }
}

/// A key that the file leaves out changes nothing.
private func set<Value>(_ target: inout Value, _ value: Value?) {
    if let value { target = value }
}

extension Duration {
    /// Longer than any call.
    fileprivate static let unlimited = Duration.seconds(100 * 365 * 24 * 3600)
}
