// SPDX-License-Identifier: Apache-2.0

/// Everything that a backend is made from. `Config()` is complete: it holds spoken conversations offline, without keys.
///
/// As `Codable` it has the keys of the tutorial in snake case (`stt_provider`, `latency_target`), durations as text with
/// a unit (`"500ms"`, `"30m"`), and refuses keys that it does not know.
public struct Config: Sendable, Hashable {
    /// Which backend carries the media; ``VoiceBackends/providerNames(pluginFolders:)`` lists them.
    public var provider = "local"
    /// How speech becomes an answer.
    public var pipelineType = PipelineType.sttTTS
    /// Speech to text: any loaded provider, `id`, `id@1` or `id@1.2.3`. Required for `stt_tts`.
    public var sttProvider: String? = "pocketsphinx"
    /// Text to speech. Required for `stt_tts`.
    public var ttsProvider: String? = "flite"
    /// Speech to speech. Required for `s2s`, and for ``isHybrid``.
    public var s2sProvider: String?
    /// Voice activity detection; nil only where the recogniser decides turns.
    public var vadProvider: String? = "webrtc"
    /// End-of-turn detection; nil = silence alone decides.
    public var turnDetectionProvider: String? = "lexical"
    /// Noise and echo; nil = the caller's audio as it is.
    public var noiseCancellationProvider: String? = "webrtc-apm"
    /// An agent that is a plugin, for sessions that bring no callback and no instance of their own.
    public var agentProvider: String?

    /// Sessions may go on in the other pipeline, with the same history (``VoiceSession/switchPipeline(to:)``); they do by
    /// themselves when theirs cannot go on. Needs the providers of both pipelines.
    public var isHybrid = false
    /// After so many tool calls of the speech-to-speech model a hybrid session goes on with the agent. 0 to 1000;
    /// 0 = any number.
    public var hybridAfterTools = 0

    /// The backend provider's own configuration.
    public var providerConfig: ConfigValue = [:]
    /// The other stages' configuration and options.
    public var stages: [Stage: StageConfig] = [:]
    /// How conversations are led.
    public var conversation = ConversationConfig()
    /// Folders with one folder a plugin; empty = ``PluginFolders/standard``.
    public var pluginFolders: [String] = []

    /// A turn whose answer is heard later than this after the caller's last word is reported by
    /// ``VoiceEvent/latencyTargetExceeded(turn:latency:target:)``. 100 ms to 5 s.
    public var latencyTarget = Duration.milliseconds(500)
    /// After so many turns of a session in a row over the target, its slowest stage that has a
    /// ``StageConfig/fallback`` is given to that. 0 to 100; 0 = never.
    public var latencySwitchAfter = 0
    /// How long an agent may be silent, a provider may take to open, and a created session may wait for its start.
    /// 1 s to 5 min.
    public var timeout = Duration.seconds(30)
    /// How often opening a provider is tried again after a failure that may pass. 0 to 10.
    public var maxRetries = 3
    /// The pause before each such retry. 100 ms to 30 s.
    public var retryDelay = Duration.seconds(1)
    /// How many sessions may exist at once, those not yet started included; 0 = no limit.
    public var maxConcurrentSessions = 100

    /// Each turn's latency by step, as a log record at level `trace`.
    public var enableTracing = true
    /// Counters in ``VoiceBackend/metrics``.
    public var enableMetrics = true
    /// Log records for sessions that begin, end or are refused, at level `debug`.
    public var enableStructuredLogging = true

    /// The embedded defaults.
    public init() {}

    /// The defaults with the fields of the tutorial.
    /// - Parameters:
    ///   - provider: which backend carries the media.
    ///   - sttProvider: speech to text.
    ///   - ttsProvider: text to speech.
    ///   - maxConcurrentSessions: 0 = no limit.
    public init(
        provider: String = "local", sttProvider: String = "pocketsphinx", ttsProvider: String = "flite",
        maxConcurrentSessions: Int = 100
    ) {
        self.provider = provider
        self.sttProvider = sttProvider
        self.ttsProvider = ttsProvider
        self.maxConcurrentSessions = maxConcurrentSessions
    }
}

extension Config {
    /// The provider that fills a stage; nil = none.
    func provider(of stage: Stage) -> String? {
        switch stage {
        case .backend: provider
        case .noiseCancellation: noiseCancellationProvider
        case .vad: vadProvider
        case .stt: sttProvider
        case .turnDetection: turnDetectionProvider
        case .agent: agentProvider
        case .tts: ttsProvider
        case .s2s: s2sProvider
        }
    }

    /// The stages that sessions on it have.
    var usedStages: [Stage] {
        if isHybrid { return Stage.allCases }
        return switch pipelineType {
        case .sttTTS: Stage.allCases.filter { $0 != .s2s }
        case .s2s: agentProvider == nil ? [.backend, .noiseCancellation, .s2s] : Stage.allCases
        }
    }

    /// What the stage's provider is told.
    func settings(of stage: Stage) -> StageConfig {
        guard stage == .backend, providerConfig != [:] else { return stages[stage] ?? StageConfig() }
        var settings = stages[stage] ?? StageConfig()
        settings.config = providerConfig
        return settings
    }
}

extension Stage {
    /// The key that names the stage's provider.
    var providerKey: String { self == .backend ? "provider" : "\(rawValue)_provider" }
}
