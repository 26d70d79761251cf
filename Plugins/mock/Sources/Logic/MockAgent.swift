// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The agent `mock`: answers every prompt with the same words, at once.
public final class MockAgentProvider: Provider {
    /// The provider's configuration and, over it, the session's options.
    public struct Config: Decodable, Sendable {
        /// The answer.
        public var reply: String?
    }

    private let reply: String

    /// Keeps the answer.
    public init(config: Config, host: Host) throws(PluginError) {
        reply = config.reply ?? "This is a scripted reply."
    }

    /// Begins a session.
    public func openSession(
        _ params: SessionParams,
        options: Config,
        host: SessionHost
    ) throws(PluginError) -> ImmediateSession<MockAgent> {
        ImmediateSession(MockAgent(reply: options.reply ?? reply), host: host)
    }
}

/// The agent `mock`.
public struct MockAgent: ImmediateResponder {
    let reply: String

    /// Answers prompts at once.
    public func handle(_ event: borrowing Event, _ outbox: Outbox) throws(PluginError) -> Status {
        guard event.type == .prompt else { return .skip }
        if !reply.isEmpty { outbox.send(.delta(reply, generation: event.generation)) }
        outbox.send(.done(generation: event.generation))
        return .ok
    }
}
