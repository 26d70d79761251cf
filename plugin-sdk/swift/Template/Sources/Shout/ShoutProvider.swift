// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin

/// The plugin's table; the entry target hands it out.
public let shoutModule = Module([
    ProviderDescription(
        ShoutProvider.self,
        kind: .agent,
        id: "shout",
        version: "1.0.0",
        name: "Shouting agent",
        vendor: "You",
        configSchema: #"""
            {"type": "object", "additionalProperties": false, "properties": {
              "suffix": {"type": "string", "default": "!", "description": "What to say after the user's words."}
            }}
            """#,
        capabilities: #"{"streaming": true, "languages": ["*"]}"#
    )
])

/// What the sessions share: a client, a model, a cache.
///
/// Used from many threads, hence `Sendable` by the protocol.
public final class ShoutProvider: Provider {
    /// What the host's configuration decodes to.
    public struct Config: Decodable, Sendable {
        /// What to say after the user's words.
        public var suffix: String?
    }

    private let suffix: String

    /// Throw a ``PluginError`` when the configuration cannot work.
    public init(config: Config, host: Host) throws(PluginError) {
        suffix = config.suffix ?? "!"
    }

    /// Begins a conversation.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> AsyncSession<Shouter> {
        AsyncSession(Shouter(suffix: suffix), host: host)
    }
}

/// Answers one conversation.
public final class Shouter: AsyncResponder {
    private let suffix: String

    init(suffix: String) {
        self.suffix = suffix
    }

    /// Streams word by word; barge-in makes the next `delta` throw, which ends this function.
    public func respond(to request: Prompt, sink: ResponseSink) async throws {
        for word in request.text.uppercased().split(separator: " ") {
            try await sink.delta(word + " ")
        }
        try await sink.delta(suffix)
    }
}
