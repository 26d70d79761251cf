// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
package import SyrinxCore
package import SyrinxHost

/// A profile whose providers are open: sessions can begin without waiting. Immutable; a changed configuration makes
/// another, and live sessions keep theirs.
package struct PreparedProfile: Sendable {
    /// A stage ready for sessions.
    package struct Stage: Sendable {
        /// Keeps the provider open while sessions may begin on it.
        package var lease: ProviderLease
        package var options: JSONValue
        /// Those of sessions in some languages.
        var voices = VoiceOptions()
        /// What some sessions get instead.
        package var trial: Trial?
        /// Who takes over when the provider fails, in this order.
        package var fallback: [Stage] = []

        package var provider: ProviderInstance { lease.provider }
    }

    /// A newer generation of a stage, on trial.
    package struct Trial: Sendable {
        package var lease: ProviderLease
        package var options: JSONValue
        var voices = VoiceOptions()
        package var plan: CanaryPlan
    }

    package var profile: Profile
    package var backend: Stage?
    package var filters: [Stage]
    package var vad: Stage?
    package var stt: Stage?
    package var turn: Stage?
    package var agent: Stage?
    package var tts: Stage?
    package var s2s: Stage?

    /// Opens the providers. Blocks while models load.
    /// - Throws: `plugin.not_found`, `plugin.config_invalid`, `provider.*`, `profile.incomplete`.
    package static func prepare(
        _ profile: Profile, host: PluginHost, callbackAgent: Bool = false
    ) throws(SyrinxError) -> PreparedProfile {
        try checkComplete(profile, callbackAgent: callbackAgent)
        let profile = Hints.applied(to: profile, registry: host.registry)
        var filters: [Stage] = []
        for plan in profile.filters { filters.append(try open(plan, profile, host)) }
        var prepared = PreparedProfile(
            profile: profile, backend: try open(profile.backend, profile, host), filters: filters,
            vad: try open(profile.vad, profile, host), stt: try open(profile.stt, profile, host),
            turn: try open(profile.turn, profile, host), agent: try open(profile.agent, profile, host),
            tts: try open(profile.tts, profile, host), s2s: try open(profile.s2s, profile, host))
        prepared.profile.conversation.hasTurnStage = prepared.turn != nil
        prepared.adoptPipeline()
        prepared.adoptHybrid()
        prepared.adoptHangover()
        for language in [profile.conversation.language] + (profile.conversation.languages ?? []) {
            try prepared.checkLanguage(language)
        }
        return prepared
    }

    /// Can the recogniser and the voice speak a language? Providers that name no languages speak all.
    /// - Throws: `profile.language_unsupported`.
    package func checkLanguage(_ language: String) throws(SyrinxError) {
        for stage in [stt, tts, s2s].compactMap(\.self) {
            let descriptor = stage.provider.descriptor
            guard !descriptor.capabilities.speaks(language) else { continue }
            throw SyrinxError(
                "profile.language_unsupported",
                "\(descriptor.kind.name) `\(descriptor.reference)` does not speak `\(language)`",
                fix: "it speaks \(descriptor.capabilities.languages.joined(separator: ", ")); choose another provider",
                place: "profile \(profile.name)")
        }
    }

    /// A session on it ends after this time at the latest.
    package mutating func limit(duration: Duration) {
        profile.conversation.timeouts.maxDuration = min(
            profile.conversation.timeouts.maxDuration ?? duration, duration)
    }

    /// Ids of the providers that a session on this profile takes a place of.
    package var providerIDs: Set<String> { Set(stages.map(\.provider.descriptor.id)) }

    /// By kind, for records and traces. Several filters are joined.
    func providerNames(ownAgent: Bool) -> [String: String] {
        var names = Dictionary(grouping: stages, by: \.provider.descriptor.kind.name)
            .mapValues { $0.map(\.provider.descriptor.reference).joined(separator: ", ") }
        if ownAgent { names["agent"] = "application" }
        return names
    }

    mutating func adoptHangover() {
        profile.conversation.speech.hangover = vad?.provider.descriptor.capabilities.hangover ?? .zero
    }

    /// Every stage that sessions will have.
    package var stages: [Stage] {
        [backend].compactMap(\.self) + filters + [vad, stt, turn, agent, tts, s2s].compactMap(\.self)
    }

    /// The rate in Hz at which filters, VAD, recogniser and a turn detector that hears work for a client's rate: the
    /// client's own when all take it, else 16 kHz, which every speech engine takes.
    package func pipelineRate(client: Int) -> Int {
        let hearingTurn = turn.flatMap { $0.provider.descriptor.capabilities.wantsAudio ? $0 : nil }
        let inputs = filters + [vad, stt, hearingTurn].compactMap(\.self) + (stt?.fallback ?? [])
        let fits = inputs.allSatisfy { $0.provider.descriptor.capabilities.rate(preferring: client) == client }
        return fits ? client : 16_000
    }

    private static func open(
        _ plan: StagePlan?, _ profile: Profile, _ host: PluginHost
    ) throws(SyrinxError) -> Stage? {
        guard let plan else { return nil }
        return try open(plan, profile, host) as Stage
    }

    private static func open(
        _ plan: StagePlan, _ profile: Profile, _ host: PluginHost
    ) throws(SyrinxError) -> Stage {
        let choice = try host.registry.choice(plan.kind, plan.provider)
        let (lease, options, voices) = try open(choice.stable, plan, profile, host)
        var stage = Stage(lease: lease, options: options, voices: voices)
        if let canary = choice.canary {
            let (lease, options, voices) = try open(canary.descriptor, plan, profile, host)
            stage.trial = Trial(lease: lease, options: options, voices: voices, plan: canary.plan)
        }
        for next in plan.fallback { stage.fallback.append(try open(next, profile, host)) }
        return stage
    }

    private static func open(
        _ descriptor: ProviderDescriptor, _ plan: StagePlan, _ profile: Profile, _ host: PluginHost
    ) throws(SyrinxError) -> (ProviderLease, JSONValue, VoiceOptions) {
        let tenant = owner(of: descriptor, in: profile)
        let lease = try host.lease(
            descriptor, configuration: plan.config, tenant: tenant, hiding: plan.hidden)
        let check = { (options: JSONValue) throws(SyrinxError) -> JSONValue in
            try host.sessionOptions(options, for: descriptor, hiding: plan.hidden)
        }
        return (lease, try check(plan.options), try VoiceOptions(plan, check: check))
    }

    /// A provider in the server's process with settings that all share is opened once for all. What a tenant has chosen
    /// for itself, or what is kept apart by process, is its own.
    private static func owner(of descriptor: ProviderDescriptor, in profile: Profile) -> String {
        let isApart = descriptor.origin.mode == .isolated || profile.ownStages.contains(descriptor.kind)
        return isApart ? profile.tenant : "default"
    }

    private static func checkComplete(_ profile: Profile, callbackAgent: Bool) throws(SyrinxError) {
        switch profile.conversation.pipeline {
        case .loopback: return
        case .s2s: return try checkSpeechToSpeech(profile)
        case .cascade: break
        }
        var missing: [String] = []
        if profile.stt == nil { missing.append("stt") }
        if profile.tts == nil { missing.append("tts") }
        if profile.agent == nil && !callbackAgent { missing.append("agent") }
        if profile.vad == nil && profile.conversation.turnMode == .vad { missing.append("vad") }
        guard missing.isEmpty else {
            throw SyrinxError(
                "profile.incomplete", "a cascade needs \(missing.joined(separator: ", "))",
                fix: "name a provider for each", place: "profile \(profile.name)")
        }
    }
}
