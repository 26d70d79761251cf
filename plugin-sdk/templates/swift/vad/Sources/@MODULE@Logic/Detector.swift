// SPDX-License-Identifier: Apache-2.0
import Glibc
import SyrinxPlugin

/// The plugin's table; the entry target hands it out.
public let pluginModule = Module([
    ProviderDescription(
        DetectorProvider.self,
        kind: .vad,
        id: "@ID@",
        version: "1.0.0",
        name: "@NAME@",
        vendor: "You",
        configSchema: #"""
            {"type": "object", "additionalProperties": false, "properties": {
              "threshold_dbfs": {"type": "number", "minimum": -90, "maximum": 0, "default": -40,
                                 "description": "Level at which the probability of speech is 0.5"}
            }}
            """#,
        capabilities: #"{"formats": [{"format": "s16", "rates": [8000, 16000, 24000, 48000], "channels": [1]}]}"#,
        traits: .realtimeProcess
    )
])

/// Exists once per configuration and holds what its sessions share.
public final class DetectorProvider: Provider {
    /// What the host's configuration decodes to.
    public struct Config: Decodable, Sendable {
        /// Level at which the probability of speech is 0.5.
        public var threshold: Float?

        private enum CodingKeys: String, CodingKey {
            case threshold = "threshold_dbfs"
        }
    }

    private let threshold: Float

    /// Keeps the threshold.
    public init(config: Config, host: Host) throws(PluginError) {
        threshold = config.threshold ?? -40
    }

    /// Begins a conversation.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> Detector {
        try params.requireMonoInput()
        return Detector(threshold: threshold)
    }
}

/// Belongs to one conversation; its calls never overlap.
public final class Detector: AnalysingSession {
    private let threshold: Float

    init(threshold: Float) {
        self.threshold = threshold
    }

    /// 0.5 at the threshold, 0.73 at 3 dB above it. The media path: no allocation, no lock, no system call.
    public func process(_ frame: borrowing AudioFrame) -> FrameAnalysis {
        let level = frame.level
        return FrameAnalysis(probability: 1 / (1 + expf((threshold - level) / 3)), level: level)
    }

    /// Events of types that a plugin does not know are skipped, never refused.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status { .skip }
}
