// SPDX-License-Identifier: Apache-2.0

/// A dialogue as an author writes it: the plugin's configuration.
///
/// The format is described in the plugin's README.
public struct Script: Decodable, Sendable {
    /// What the caller may want; the first that matches wins.
    public var intents: [Intent]?
    /// What to say when nothing matches; the lines take turns.
    public var fallback: Lines?
    /// The words for yes, no and giving up inside a form.
    public var words: ReplyWords?

    /// One thing that the caller may want.
    public struct Intent: Decodable, Sendable {
        /// Its name in error messages.
        public var name: String
        /// Patterns over the whole turn.
        public var match: [String]
        /// The answer; with slots, what to say when all is known and confirmed.
        public var say: Lines
        /// What has to be known before the answer.
        public var slots: [Slot]?
        /// The question once all slots are filled; without it nothing is asked.
        public var confirm: String?
        /// What to say after a plain "no" to `confirm`.
        public var change: String?
        /// What to say when the caller gives up.
        public var cancelled: String?
        /// Values to remember.
        public var set: [String: String]?
        /// Ends the call after the answer.
        public var end: Bool?
    }

    /// One thing to find out.
    public struct Slot: Decodable, Sendable {
        /// The name in answers and patterns.
        public var name: String
        /// What its value looks like.
        public var type: SlotType
        /// The question; several take turns.
        public var ask: Lines
        /// Patterns that give its value anywhere in a turn, asked or not.
        public var match: [String]?
    }

    /// Phrases with a fixed meaning inside forms.
    public struct ReplyWords: Decodable, Sendable {
        /// Agreement.
        public var yes: [String]?
        /// Refusal.
        public var no: [String]?
        /// Giving up.
        public var cancel: [String]?
    }
}

/// One line, or several that take turns.
public struct Lines: Decodable, Sendable {
    /// At least one line, unless the author wrote an empty list.
    public let all: [String]

    /// Makes lines.
    public init(_ all: [String]) {
        self.all = all
    }

    /// Reads a string or a list of strings.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let line = try? container.decode(String.self) {
            all = [line]
        } else {
            all = try container.decode([String].self)
        }
    }
}
