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
    ) throws(PluginError) -> EchoAgentSession {
        EchoAgentSession(prefix: prefix, host: host)
    }
}

/// One session of the agent `echo`.
public final class EchoAgentSession: ResettableSession {
    private let prefix: String
    private let outbox: Outbox

    init(prefix: String, host: SessionHost) {
        self.prefix = prefix
        outbox = Outbox(host: host)
    }

    /// Answers prompts at once; an empty one with nothing.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .prompt:
            let text = event.text
            if !text.isEmpty { outbox.send(.delta(prefix + text, generation: event.generation)) }
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
