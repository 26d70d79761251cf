// SPDX-License-Identifier: Apache-2.0

extension Config: Codable {
    /// Reads a configuration; what is missing has its default.
    /// - Throws: ``VoiceBackendError`` `invalid_config` with every problem by its key path.
    public init(from decoder: any Decoder) throws {
        try self.init(try ConfigValue(from: decoder))
    }

    /// Reads a configuration from values; what is missing has its default.
    /// - Throws: `invalid_config` with every problem by its key path: unknown keys, values of a wrong kind, durations
    ///   without a unit. Ranges and provider names are checked when a backend is made.
    public init(_ value: ConfigValue) throws(VoiceBackendError) {
        self.init()
        var issues: [ConfigIssue] = []
        ConfigField.apply(Self.fields, value, to: &self, at: "", &issues)
        try issues.throwIfAny("Config")
    }

    /// Writes all keys, defaults included.
    public func encode(to encoder: any Encoder) throws {
        try ConfigField.object(Self.fields, of: self).encode(to: encoder)
    }

    private static let fields: [ConfigField<Config>] = [
        .text("provider", \.provider), .word("pipeline_type", \.pipelineType),
        .text("stt_provider", \.sttProvider), .text("tts_provider", \.ttsProvider),
        .text("s2s_provider", \.s2sProvider),
        .text("vad_provider", \.vadProvider), .text("turn_detection_provider", \.turnDetectionProvider),
        .text("noise_cancellation_provider", \.noiseCancellationProvider), .text("agent_provider", \.agentProvider),
        .flag("hybrid", \.isHybrid), .count("hybrid_after_tools", \.hybridAfterTools),
        .object("provider_config", \.providerConfig),
        ConfigField("stages", \.stages, read: Self.readStages, write: Self.writeStages),
        ConfigField("conversation", \.conversation, read: ConversationConfig.init, write: \.value),
        .texts("plugin_folders", \.pluginFolders),
        .duration("latency_target", \.latencyTarget), .count("latency_switch_after", \.latencySwitchAfter),
        .duration("timeout", \.timeout),
        .count("max_retries", \.maxRetries), .duration("retry_delay", \.retryDelay),
        .count("max_concurrent_sessions", \.maxConcurrentSessions),
        .flag("enable_tracing", \.enableTracing), .flag("enable_metrics", \.enableMetrics),
        .flag("enable_structured_logging", \.enableStructuredLogging),
    ]

    private static func readStages(_ value: ConfigValue) throws -> [Stage: StageConfig] {
        var stages: [Stage: StageConfig] = [:]
        var issues: [ConfigIssue] = []
        for (key, value) in try ConfigField<Config>.Read.object(value).object ?? [:] {
            guard let stage = Stage(rawValue: key) else {
                let names = Stage.allCases.map(\.rawValue).joined(separator: ", ")
                issues.append(ConfigIssue(key, "there is no such stage; stages: \(names)"))
                continue
            }
            var settings = StageConfig()
            ConfigField.apply(StageConfig.fields, value, to: &settings, at: key, &issues)
            stages[stage] = settings
        }
        try issues.throwIfAny("Config")
        return stages
    }

    private static func writeStages(_ stages: [Stage: StageConfig]) -> ConfigValue {
        let members = stages.map { ($0.key.rawValue, ConfigField.object(StageConfig.fields, of: $0.value)) }
        return .object(Dictionary(members, uniquingKeysWith: { $1 }))
    }
}

extension StageConfig {
    fileprivate static let fields: [ConfigField<StageConfig>] = [
        .object("config", \.config), .object("options", \.options), .texts("fallback", \.fallback),
    ]
}

extension ConversationConfig {
    fileprivate init(_ value: ConfigValue) throws {
        self.init()
        var issues: [ConfigIssue] = []
        ConfigField.apply(Self.fields, value, to: &self, at: "", &issues)
        try issues.throwIfAny("Config")
    }

    fileprivate var value: ConfigValue { ConfigField.object(Self.fields, of: self) }

    private static let fields: [ConfigField<ConversationConfig>] = [
        .text("language", \.language), .texts("languages", \.languages),
        .text("greeting", \.greeting), .text("fallback_line", \.fallbackLine),
        .texts("filler_lines", \.fillerLines), .duration("filler_after", \.fillerAfter),
        .duration("min_silence", \.minSilence), .duration("min_endpointing_delay", \.minEndpointingDelay),
        .duration("max_endpointing_delay", \.maxEndpointingDelay),
        .flag("preemptive_generation", \.preemptiveGeneration), .duration("min_interruption", \.minInterruption),
        .flag("resume_false_interruptions", \.resumesFalseInterruptions),
        .flag("filter_backchannels", \.filtersBackchannels), .duration("away_after", \.awayAfter),
        .duration("idle_timeout", \.idleTimeout), .duration("max_duration", \.maxDuration),
    ]
}
