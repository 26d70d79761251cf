// SPDX-License-Identifier: Apache-2.0
import Glibc
import SyrinxPlugin

/// The plugin's table; the entry target hands it out.
public let pluginModule = Module([
    ProviderDescription(
        GainProvider.self,
        kind: .filter,
        id: "@ID@",
        version: "1.0.0",
        name: "@NAME@",
        vendor: "You",
        configSchema: #"""
            {"type": "object", "additionalProperties": false, "properties": {
              "gain_db": {"type": "number", "minimum": -40, "maximum": 20, "default": 0,
                          "description": "How much louder the caller becomes"}
            }}
            """#,
        capabilities: #"{"formats": [{"format": "s16", "rates": [8000, 16000, 24000, 48000], "channels": [1]}]}"#,
        traits: .realtimeProcess
    )
])

/// Exists once per configuration and holds what its sessions share.
public final class GainProvider: Provider {
    /// What the host's configuration decodes to.
    public struct Config: Decodable, Sendable {
        /// How much louder the caller becomes.
        public var gain: Float?

        private enum CodingKeys: String, CodingKey {
            case gain = "gain_db"
        }
    }

    private let gain: Float

    /// Keeps the gain.
    public init(config: Config, host: Host) throws(PluginError) {
        gain = powf(10, (config.gain ?? 0) / 20)
    }

    /// Begins a conversation.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> Gain {
        try params.requireMonoInput()
        return Gain(gain)
    }
}

/// Belongs to one conversation; its calls never overlap.
public final class Gain: FilterSession {
    private let gain: Float

    init(_ gain: Float) {
        self.gain = gain
    }

    /// The media path: no allocation, no lock, no system call. The output may be the input's memory.
    public func process(_ frame: borrowing AudioFrame, into output: borrowing OutputFrame?) -> Status {
        guard !frame.flags.contains(.echoReference) else { return .skip }
        let gain = gain
        return frame.withInt16 { input in
            switch output {
            case .some(let output): Self.write(input, times: gain, into: output)
            case .none: .invalid
            }
        } ?? .skip
    }

    /// Events of types that a plugin does not know are skipped, never refused.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status { .skip }

    private static func write(
        _ input: borrowing Span<Int16>,
        times gain: Float,
        into output: borrowing OutputFrame
    ) -> Status {
        let isWritten = output.writeInt16(count: input.count) { samples in
            for index in input.indices {
                samples[index] = Int16(max(-32_768, min(32_767, Float(input[index]) * gain)))
            }
        }
        return isWritten ? .ok : .invalid
    }
}
