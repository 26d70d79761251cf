// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The agent `echo`: answers with the user's own words.
public final class EchoAgentProvider: Provider {
    /// The provider's configuration.
    public struct Config: Decodable, Sendable {
        /// What to say before the user's words.
        public var prefix: String?
    }

    private let prefix: String

    /// Keeps the prefix.
    public init(config: Config, host: Host) throws(PluginError) {
        prefix = config.prefix ?? ""
    }

    /// Begins a session.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> ImmediateSession<EchoAgent> {
        ImmediateSession(EchoAgent(prefix: prefix), host: host)
    }
}

/// The agent `echo`.
public struct EchoAgent: ImmediateResponder {
    let prefix: String

    /// Answers prompts at once; an empty one with nothing.
    public func handle(_ event: borrowing Event, _ outbox: Outbox) throws(PluginError) -> Status {
        guard event.type == .prompt else { return .skip }
        let text = event.text
        if !text.isEmpty { outbox.send(.delta(prefix + text, generation: event.generation)) }
        outbox.send(.done(generation: event.generation))
        return .ok
    }
}
