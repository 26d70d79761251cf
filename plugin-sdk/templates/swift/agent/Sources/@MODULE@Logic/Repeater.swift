// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin

/// The plugin's table; the entry target hands it out.
public let pluginModule = Module([
    ProviderDescription(
        RepeaterProvider.self,
        kind: .agent,
        id: "@ID@",
        version: "1.0.0",
        name: "@NAME@",
        vendor: "You",
        configSchema: #"""
            {"type": "object", "additionalProperties": false, "properties": {
              "prefix": {"type": "string", "maxLength": 127, "default": "You said:",
                         "description": "What the answer begins with"}
            }}
            """#,
        capabilities: #"{"streaming": true, "languages": ["*"]}"#
    )
])

/// Exists once per configuration and holds what its sessions share: a client, a model, a cache.
public final class RepeaterProvider: Provider {
    /// What the host's configuration decodes to.
    public struct Config: Decodable, Sendable {
        /// What the answer begins with.
        public var prefix: String?
    }

    private let prefix: String

    /// Throw a ``PluginError`` when the configuration cannot work.
    public init(config: Config, host: Host) throws(PluginError) {
        prefix = config.prefix ?? "You said:"
    }

    /// Begins a conversation.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> AsyncSession<Repeater> {
        AsyncSession(Repeater(prefix: prefix), host: host)
    }
}

/// Answers one conversation; replace `respond`. Never block in it: that belongs into `SessionHost.run`.
public final class Repeater: AsyncResponder {
    private let prefix: String

    init(prefix: String) {
        self.prefix = prefix
    }

    /// Streams word by word; barge-in makes the next `delta` throw, which ends this function.
    public func respond(to request: Prompt, sink: ResponseSink) async throws {
        try await sink.delta(prefix)
        for word in request.text.split(separator: " ") {
            try await sink.delta(" " + word)
        }
    }
}
