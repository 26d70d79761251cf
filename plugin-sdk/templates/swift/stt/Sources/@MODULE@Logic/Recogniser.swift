// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin

/// The plugin's table; the entry target hands it out.
public let pluginModule = Module([
    ProviderDescription(
        RecogniserProvider.self,
        kind: .stt,
        id: "@ID@",
        version: "1.0.0",
        name: "@NAME@",
        vendor: "You",
        configSchema: #"""
            {"type": "object", "additionalProperties": false, "properties": {
              "unit": {"type": "string", "maxLength": 31, "default": "seconds",
                       "description": "The word behind the number"}
            }}
            """#,
        capabilities: #"""
            {"formats": [{"format": "s16", "rates": [8000, 16000], "channels": [1]}],
             "audio": "utterance", "streaming": false, "languages": ["*"]}
            """#
    )
])

/// Exists once per configuration and holds what its sessions share: the model.
public final class RecogniserProvider: Provider {
    /// What the host's configuration decodes to.
    public struct Config: Decodable, Sendable {
        /// The word behind the number.
        public var unit: String?
    }

    private let unit: String

    /// Keeps the word.
    public init(config: Config, host: Host) throws(PluginError) {
        unit = config.unit ?? "seconds"
    }

    /// Begins a conversation.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> Recogniser {
        try params.requireMonoInput()
        return Recogniser(unit: unit, rate: Int(params.input.sampleRate), host: host)
    }
}

/// Belongs to one conversation; its calls never overlap, but for `cancel`.
///
/// This one tells how long the utterance was; replace `hear` and `transcribe`. A decoder that blocks belongs into
/// `SessionHost.run`, and its end comes back as the event `taskDone`.
public final class Recogniser: Session {
    private let unit: String
    private let rate: Int
    private let outbox: Outbox
    private var utterance: UInt64 = 0
    private var samples = 0

    init(unit: String, rate: Int, host: SessionHost) {
        self.unit = unit
        self.rate = max(1, rate)
        outbox = Outbox(host: host)
    }

    /// Each END_OF_INPUT ends in exactly one FINAL; the outbox sees to a full queue and to cancellation.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .audioIn: hear(event)
        case .endOfInput:
            outbox.send(.final(transcribe(event.generation), generation: event.generation))
        case .writable: outbox.flush()
        case .drain: outbox.send(.drained)
        default: return .skip
        }
        return .ok
    }

    /// Drops what waits of the utterance.
    public func cancel(_ generation: UInt64) { outbox.cancel(generation) }

    /// Sends nothing more.
    public func close() { outbox.close() }

    /// Audio of an utterance; generation 0 is what lies between two.
    private func hear(_ event: borrowing Event) {
        guard event.generation != 0 else { return }
        if event.generation != utterance { samples = 0 }
        utterance = event.generation
        samples += event.withAudio { $0.sampleCount } ?? 0
    }

    private func transcribe(_ generation: UInt64) -> String {
        let tenths = (generation == utterance ? samples : 0) * 10 / rate
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}
