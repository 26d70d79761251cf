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
    ) throws(PluginError) -> MockAgentSession {
        MockAgentSession(reply: options.reply ?? reply, host: host)
    }
}

/// One session of the agent `mock`.
public final class MockAgentSession: ResettableSession {
    private let reply: String
    private let outbox: Outbox

    init(reply: String, host: SessionHost) {
        self.reply = reply
        outbox = Outbox(host: host)
    }

    /// Answers prompts at once.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .prompt:
            if !reply.isEmpty { outbox.send(.delta(reply, generation: event.generation)) }
            outbox.send(.done(generation: event.generation))
        case .writable: outbox.flush()
        case .drain: outbox.send(.drained)
        default: return .skip
        }
        return .ok
    }

    /// Drops what waits of the answer.
    public func cancel(_ generation: UInt64) {
        outbox.cancel(generation)
    }

    /// There is nothing to forget.
    public func reset() {}

    /// Sends nothing more.
    public func close() {
        outbox.close()
    }
}
