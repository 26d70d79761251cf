// SPDX-License-Identifier: Apache-2.0

package enum PipelineKind: String, Hashable, Sendable, CaseIterable {
    case cascade, s2s, loopback
}

/// A profile as far as the file tells: nil means "as in the profile it extends".
package struct ProfileConfig: Hashable, Sendable {
    /// The extended profile as written; ``Configuration/overlay(for:)`` follows it.
    package var extends: String?
    package var pipeline: PipelineKind?
    package var language: String?
    /// Tags to which a session may change; empty: none.
    package var languages: [String]?
    package var greeting: String?
    package var fallbackLine: String?

    package var vad: StageOverlay?
    package var filters: [StageConfig]?
    package var stt: StageOverlay?
    package var turn: StageOverlay?
    package var agent: StageOverlay?
    package var tts: StageOverlay?
    package var s2s: StageOverlay?
    package var backend: StageOverlay?

    /// Options of the voice by the session's language, laid over those of ``tts``; `default` for all others.
    package var voices: [String: SessionOptionsConfig] = [:]
    /// Phrases the caller is likely to say; passed to providers whose `session_schema` has `hints`.
    package var hints: [String]?
    package var turnTaking = TurnTakingConfig()
    package var filler = FillerConfig()
    package var latency = LatencyConfig()
    package var failover = FailoverConfig()
    package var hedging = HedgingConfig()
    package var hybrid = HybridConfig()
    package var history = HistoryConfig()
    package var speech = SpeechConfig()
    /// Zero: the caller is never away.
    package var away: Duration?

    package init() {}

    /// This profile with what it leaves open taken from another one.
    ///
    /// A stage is taken as a whole. Options of a voice go with it: who names another `tts` does not take those either.
    package func over(_ base: ProfileConfig) -> ProfileConfig {
        var result = base
        result.extends = extends ?? base.extends
        result.pipeline = pipeline ?? base.pipeline
        result.language = language ?? base.language
        result.languages = languages ?? base.languages
        result.greeting = greeting ?? base.greeting
        result.fallbackLine = fallbackLine ?? base.fallbackLine
        result.vad = vad ?? base.vad
        result.filters = filters ?? base.filters
        result.stt = stt ?? base.stt
        result.turn = turn ?? base.turn
        result.agent = agent ?? base.agent
        result.tts = tts ?? base.tts
        result.s2s = s2s ?? base.s2s
        result.backend = backend ?? base.backend
        result.voices = (tts == nil ? base.voices : [:]).merging(voices) { $1 }
        result.hints = hints ?? base.hints
        result.turnTaking = turnTaking.over(base.turnTaking)
        result.filler = filler.over(base.filler)
        result.latency = latency.over(base.latency)
        result.failover = failover.over(base.failover)
        result.hedging = hedging.over(base.hedging)
        result.hybrid = hybrid.over(base.hybrid)
        result.history = history.over(base.history)
        result.speech = speech.over(base.speech)
        result.away = away ?? base.away
        return result
    }

    /// The stages that are used, with the key each stands under, in the order of a call.
    package var stages: [(key: String, stage: StageConfig)] {
        let single: [(String, StageOverlay?)] = [
            ("stt", stt), ("turn", turn), ("agent", agent), ("tts", tts), ("s2s", s2s), ("backend", backend),
        ]
        return [("vad", vad?.stage)].compactMap { key, stage in stage.map { (key, $0) } }
            + (filters ?? []).map { ("filters", $0) }
            + single.compactMap { key, overlay in overlay?.stage.map { (key, $0) } }
    }
}

extension Configuration {
    /// A profile with everything the file says of it: the built-in profile it stands on, and the overlays of its
    /// `extends` chain merged into one.
    ///
    /// Nil for a name that is neither built in nor in the file.
    package func overlay(for name: String) -> (builtIn: String, profile: ProfileConfig)? {
        guard var profile = profiles[name] else {
            return Self.builtInProfiles.contains(name) ? (name, ProfileConfig()) : nil
        }
        var current = name
        // The parser refuses circles; the count only keeps code-made configurations from looping.
        for _ in 0...profiles.count {
            let base = Self.base(of: current, profile: profiles[current])
            guard base != current, let next = profiles[base] else { return (base, profile) }
            profile = profile.over(next)
            current = base
        }
        return nil
    }

    /// What a profile extends.
    ///
    /// A built-in name that extends itself, or nothing, stands on its built-in profile.
    static func base(of name: String, profile: ProfileConfig?) -> String {
        profile?.extends ?? (builtInProfiles.contains(name) ? name : "default")
    }
}
