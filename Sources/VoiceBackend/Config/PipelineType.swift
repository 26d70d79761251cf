// SPDX-License-Identifier: Apache-2.0

/// How speech becomes an answer.
public enum PipelineType: String, Sendable, Hashable, Codable, CaseIterable {
    /// Speech to text, the agent, text to speech: there are words in the middle for logs, guardrails and tools.
    case sttTTS = "stt_tts"
    /// One speech-to-speech model, which hears, thinks and speaks: it needs no agent, decides itself when a turn is over,
    /// and says what the application gives it to say. The session's tools are its tools. With an `agentProvider`, the
    /// configuration's recogniser, agent and voice go on with a session whose model is lost for good; that voice then
    /// says the application's lines from the beginning.
    case s2s
}

/// One place in the pipeline that a provider fills.
public enum Stage: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Who carries the media.
    case backend
    /// Noise suppression and echo cancellation in front of everything else.
    case noiseCancellation = "noise_cancellation"
    /// Voice activity detection.
    case vad
    /// Speech to text.
    case stt
    /// End-of-turn detection.
    case turnDetection = "turn_detection"
    /// The agent, when it is a plugin.
    case agent
    /// Text to speech.
    case tts
    /// Speech to speech.
    case s2s

    /// In the order of the pipeline.
    public static func < (left: Stage, right: Stage) -> Bool { left.position < right.position }

    private var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What one stage's provider is told beyond its name. The provider's JSON Schema says what there is
/// (``VoiceBackends/configSchema(of:stage:pluginFolders:)``).
public struct StageConfig: Sendable, Hashable {
    /// For the provider, shared by all sessions: a model, a key.
    public var config: ConfigValue
    /// For each session: a voice, a speed.
    public var options: ConfigValue
    /// Of recogniser, agent, voice and model: who takes over, in this order, when the provider fails, or is slow
    /// (``Config/latencySwitchAfter``; not of a model). Registered names, `id` or `id@1`; each with its own defaults.
    public var fallback: [String] = []

    /// Makes a stage's configuration; both are objects.
    public init(config: ConfigValue = [:], options: ConfigValue = [:]) {
        self.config = config
        self.options = options
    }
}
