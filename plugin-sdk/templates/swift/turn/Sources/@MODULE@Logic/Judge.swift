// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin

/// The plugin's table; the entry target hands it out.
public let pluginModule = Module([
    ProviderDescription(
        JudgeProvider.self,
        kind: .turn,
        id: "@ID@",
        version: "1.0.0",
        name: "@NAME@",
        vendor: "You",
        configSchema: #"""
            {"type": "object", "additionalProperties": false, "properties": {
              "patience": {"type": "number", "minimum": 0.1, "maximum": 5, "default": 1,
                           "description": "Seconds of silence that end even an open sentence"}
            }}
            """#,
        capabilities: #"{"languages": ["en"]}"#
    )
])

/// Exists once per configuration and holds what its sessions share.
public final class JudgeProvider: Provider {
    /// What the host's configuration decodes to.
    public struct Config: Decodable, Sendable {
        /// Seconds of silence that end even an open sentence.
        public var patience: Double?
    }

    private let patience: Double

    /// Keeps the patience.
    public init(config: Config, host: Host) throws(PluginError) {
        patience = config.patience ?? 1
    }

    /// Begins a conversation.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> ImmediateSession<Judge> {
        ImmediateSession(Judge(patience: patience), host: host)
    }
}

/// Belongs to one conversation. This one trusts silence, and less so behind a word that wants another; replace `complete`.
/// An answer later than 300 ms is not waited for.
public struct Judge: ImmediateResponder {
    let patience: Double

    /// Answers transcripts at once; never block in it: that belongs into `SessionHost.run`.
    public func handle(_ event: borrowing Event, _ outbox: Outbox) throws(PluginError) -> Status {
        guard event.type == .transcript else { return .skip }
        let probability = complete(event.text, silence: event.number)
        outbox.send(.turnEnd(probability: probability, generation: event.generation))
        return .ok
    }

    /// The probability that the turn is complete.
    private func complete(_ text: String, silence: Double) -> Double {
        if [" and", " but", " the", ","].contains(where: text.hasSuffix) { return silence >= patience ? 1 : 0.1 }
        return text.isEmpty ? 0 : 0.9
    }
}
