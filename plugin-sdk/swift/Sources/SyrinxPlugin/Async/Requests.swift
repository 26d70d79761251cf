// SPDX-License-Identifier: Apache-2.0

/// What an ``AsyncSession`` answers: an agent's ``Prompt`` or a speaker's ``Clause``.
public protocol AsyncRequest: Sendable {
    /// The type of the event that carries it.
    static var eventType: EventType { get }
    /// The response that it belongs to.
    var generation: UInt64 { get }
    /// The clause; 0 for prompts.
    var id: UInt64 { get }
    /// Reads the event.
    init(_ event: borrowing Event) throws(PluginError)
}

/// The user's turn, for an agent.
public struct Prompt: AsyncRequest, Hashable {
    /// One contribution to the conversation so far.
    public struct Line: Hashable, Sendable, Decodable {
        /// "user", "assistant", "system" or "tool".
        public let role: String
        /// What was said; for an interrupted assistant only what was heard.
        public let text: String
    }

    /// What the user said.
    public let text: String
    /// The conversation before this turn, oldest first.
    public let history: [Line]
    /// The language tag of the turn, or empty.
    public let language: String
    /// The response that it asks for.
    public let generation: UInt64
    /// Always 0.
    public var id: UInt64 { 0 }

    /// ``EventType/prompt``.
    public static let eventType = EventType.prompt

    /// Reads a prompt; extras that are missing read as empty.
    public init(_ event: borrowing Event) throws(PluginError) {
        let extras = try event.decodeJSON(Extras.self)
        text = event.text
        history = extras.history ?? []
        language = extras.language ?? ""
        generation = event.generation
    }

    private struct Extras: Decodable {
        let history: [Line]?
        let language: String?
    }
}

/// A piece of text to speak, for a speaker.
public struct Clause: AsyncRequest, Hashable {
    /// What to say.
    public let text: String
    /// The clause's number in its response.
    public let id: UInt64
    /// No further clause follows in this response.
    public let isLast: Bool
    /// The language tag, or empty.
    public let language: String
    /// The voice's id, or empty.
    public let voice: String
    /// The response that it belongs to.
    public let generation: UInt64

    /// ``EventType/speak``.
    public static let eventType = EventType.speak

    /// Reads a clause; extras that are missing read as empty.
    public init(_ event: borrowing Event) throws(PluginError) {
        let extras = try event.decodeJSON(Extras.self)
        text = event.text
        id = event.id
        isLast = event.isLastClause
        language = extras.language ?? ""
        voice = extras.voice ?? ""
        generation = event.generation
    }

    private struct Extras: Decodable {
        let language: String?
        let voice: String?
    }
}
