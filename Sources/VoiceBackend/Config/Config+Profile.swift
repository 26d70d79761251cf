// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

extension Stage {
    /// The kind of plugin that fills it.
    var kind: PluginKind {
        switch self {
        case .backend: .backend
        case .noiseCancellation: .filter
        case .vad: .vad
        case .stt: .stt
        case .turnDetection: .turn
        case .agent: .agent
        case .tts: .tts
        case .s2s: .s2s
        }
    }
}

extension Config {
    /// A backend may be the whole pipeline, a bot that runs elsewhere: then it is the speech-to-speech provider too, with
    /// the same configuration, unless another is named.
    mutating func adoptPipeline(of registry: PluginRegistry) {
        guard let reference = try? ProviderReference(provider),
            let found = try? registry.find(.backend, reference), found.capabilities.json["pipeline"]?.string == "s2s"
        else { return }
        pipelineType = .s2s
        guard s2sProvider == nil else { return }
        s2sProvider = provider
        if stages[.s2s] == nil { stages[.s2s] = StageConfig(config: providerConfig) }
    }

    /// The configuration as the runtime's pipeline.
    /// - Throws: `config.provider_reference`; validation has found it before.
    func profile(named name: String) throws(SyrinxError) -> Profile {
        var profile = Profile(name: name)
        profile.conversation = conversation.options(timeout: timeout)
        if latencySwitchAfter > 0 {
            profile.latency = LatencyRule(target: latencyTarget, switchAfter: latencySwitchAfter)
        }
        profile.backend = try plan(.backend)
        profile.filters = [try plan(.noiseCancellation)].compactMap(\.self)
        profile.hybrid.afterTools = hybridAfterTools > 0 ? hybridAfterTools : nil
        if isHybrid { profile.s2s = try plan(.s2s) }
        guard pipelineType == .sttTTS else {
            profile.conversation.pipeline = .s2s
            profile.s2s = try plan(.s2s)
            return agentProvider == nil && !isHybrid ? profile : try adding(cascade: profile)
        }
        return try adding(cascade: profile)
    }

    private func adding(cascade given: Profile) throws(SyrinxError) -> Profile {
        var profile = given
        profile.vad = try plan(.vad)
        profile.stt = try plan(.stt)
        profile.turn = try plan(.turnDetection)
        profile.agent = try plan(.agent)
        profile.tts = try plan(.tts)
        return profile
    }

    private func plan(_ stage: Stage) throws(SyrinxError) -> StagePlan? {
        guard let name = provider(of: stage) else { return nil }
        let settings = settings(of: stage)
        var plan = StagePlan(
            stage.kind, try ProviderReference(name), config: settings.config.json, options: settings.options.json)
        for name in settings.fallback { plan.fallback.append(StagePlan(stage.kind, try ProviderReference(name))) }
        return plan
    }
}
