// SPDX-License-Identifier: Apache-2.0

/// The shortest agent: the caller's words in, the answer out. Called off the event loops, once a turn; it is cancelled
/// when the caller interrupts. What it throws fails the turn, not the session.
public typealias AgentCallback = @Sendable (_ transcript: String) async throws -> String

/// An agent that streams its answers and may use tools.
public protocol AgentInstance: Sendable {
    /// Tools beside those of ``SessionConfig/tools``; none unless told.
    var tools: [Tool] { get }

    /// Answers a turn. Each piece is spoken as soon as a clause is complete. Called off the event loops; the task that
    /// reads the stream is cancelled when the caller interrupts.
    func respond(to turn: AgentTurn) -> AsyncThrowingStream<String, any Error>
}

extension AgentInstance {
    /// No tools.
    public var tools: [Tool] { [] }
}

/// Something that an agent may have done. The session runs the handler, with a time limit and within the turn's limit
/// of steps, reports ``VoiceEvent/toolCalled(turn:name:arguments:)``, and gives the result back to the agent.
public struct Tool: Sendable {
    /// Unique in the session.
    public var name: String
    /// What it does, for the agent.
    public var description: String
    /// JSON Schema of the arguments, for the agent.
    public var parameters: ConfigValue
    /// Does it. Runs off the event loops. What it throws is the agent's to deal with.
    public var handler: @Sendable (_ arguments: ConfigValue) async throws -> String

    /// Makes a tool.
    public init(
        _ name: String, description: String = "", parameters: ConfigValue = ["type": "object"],
        handler: @escaping @Sendable (_ arguments: ConfigValue) async throws -> String
    ) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.handler = handler
    }
}

/// What an agent is asked.
public struct AgentTurn: Sendable {
    /// One line of what was said before.
    public struct Message: Sendable, Hashable {
        /// Who said it.
        public enum Role: String, Sendable, Hashable, Codable {
            /// The caller.
            case user
            /// The agent.
            case assistant
            /// Nobody: what tools answered, in a hybrid session (``Config/isHybrid``).
            case system
        }

        /// Who said it.
        public var role: Role
        /// The words; of the agent, those that the caller heard.
        public var text: String
        /// Whether the caller cut the agent off there.
        public var wasInterrupted: Bool
    }

    /// The caller's words.
    public var text: String
    /// What was said before, oldest first, as far as it was heard.
    public var history: [Message]
    /// BCP 47.
    public var language: String
    /// The session.
    public var sessionID: String
    /// The session's user.
    public var userID: String
    /// What ``callTool(_:_:)`` can do.
    public var tools: [Tool]

    let runTool: @Sendable (String, ConfigValue) async throws(VoiceBackendError) -> String

    /// Has the session run a tool.
    /// - Returns: the handler's result.
    /// - Throws: `agent_error` when there is no such tool, it failed, or the turn has used up its steps;
    ///   `context_canceled` when the turn is over.
    public func callTool(_ name: String, _ arguments: ConfigValue = [:]) async throws(VoiceBackendError) -> String {
        try await runTool(name, arguments)
    }
}

/// A callback as an instance.
struct CallbackAgent: AgentInstance {
    let callback: AgentCallback

    func respond(to turn: AgentTurn) -> AsyncThrowingStream<String, any Error> {
        // Pulled, not pushed: the callback runs in the reader's task and is cancelled with it.
        let once = OnceOnly()
        return AsyncThrowingStream {
            guard once.take() else { return nil }
            return try await callback(turn.text)
        }
    }
}
