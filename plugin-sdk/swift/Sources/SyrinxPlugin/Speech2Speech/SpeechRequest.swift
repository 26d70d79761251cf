// SPDX-License-Identifier: Apache-2.0

/// An event of the host for a speech-to-speech session, copied.
public enum SpeechRequest: Sendable {
    /// How the conversation is to be; first of all, and again when it changes.
    case configure(SpeechConfiguration)
    /// What the caller sounds like, 16 bit mono; empty when the frame held nothing of that kind.
    case audio([Int16])
    /// An answer is wanted: see ``SpeechPrompt``.
    case prompt(SpeechPrompt)
    /// What a tool answered; the text says what went wrong when it failed.
    case toolResult(call: UInt64, text: String, failed: Bool)
    /// So much of a cancelled answer was played, with these words.
    case heard(generation: UInt64, milliseconds: Int, text: String)
    /// A timer fired.
    case timer(UInt64)
    /// The host has room again.
    case writable
    /// Finish what is under way, then say so.
    case drain

    /// Reads an event; nil for those that mean nothing to speech to speech.
    public init?(_ event: borrowing Event) {
        switch event.type {
        case .config: self = .configure(SpeechConfiguration(parsing: event.json))
        case .audioIn:
            let samples = event.withAudio { frame in frame.withInt16 { $0.withUnsafeBufferPointer { Array($0) } } }
            self = .audio((samples ?? nil) ?? [])
        case .prompt: self = .prompt(SpeechPrompt(event))
        case .toolResult: self = .toolResult(call: event.id, text: event.text, failed: event.integer < 0)
        case .heard:
            self = .heard(
                generation: event.generation,
                milliseconds: Int(clamping: max(0, event.integer)),
                text: event.text
            )
        case .timer: self = .timer(event.id)
        case .writable: self = .writable
        case .drain: self = .drain
        default: return nil
        }
    }
}

/// A PROMPT of the host for speech to speech.
public struct SpeechPrompt: Sendable, Hashable {
    /// The answer's name.
    public let generation: UInt64
    /// What the caller typed; empty for the answer that the vendor gives by itself to what it heard.
    public let text: String
    /// The number that the turn's TURN_END carried, when the host repeats it; else 0.
    public let turn: UInt64
    /// A line that is to be said as it is; the text is an order to say it, for vendors that know no better way.
    public let line: String?

    init(_ event: borrowing Event) {
        generation = event.generation
        text = event.text
        turn = event.id
        line = (try? JSONValue(parsing: event.json))?["line"]?.string
    }
}

/// What the host says of a conversation in CONFIG.
public struct SpeechConfiguration: Sendable, Hashable {
    /// One thing that was said before.
    public struct Line: Sendable, Hashable {
        /// Who said it: "user", "assistant" or "system".
        public let role: String
        /// The words; never empty.
        public let text: String
    }

    /// A tool that the model may call.
    public struct Tool: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// What it does, for the model.
        public let about: String?
        /// The JSON Schema of its arguments.
        public let parameters: JSONValue?
    }

    /// Who the model is to be; nil = not said.
    public var instructions: String?
    /// What it may call.
    public var tools: [Tool] = []
    /// What was said before, oldest first.
    public var history: [Line] = []
    /// The language tag that the caller speaks.
    public var language: String?
    /// The voice that the session wants.
    public var voice: String?

    /// Nothing is said.
    public init() {}

    /// Reads the host's object; what is missing or of another type counts as not said.
    public init(parsing json: String) {
        guard let object = try? JSONValue(parsing: json) else { return }
        instructions = object["instructions"]?.string
        language = object["language"]?.string
        voice = object["voice"]?.string
        tools = (object["tools"]?.array ?? []).compactMap { tool in
            guard let name = tool["name"]?.string, !name.isEmpty else { return nil }
            return Tool(name: name, about: tool["description"]?.string, parameters: tool["parameters"])
        }
        history = (object["history"]?.array ?? []).compactMap { line in
            guard let role = line["role"]?.string, let text = line["text"]?.string, !text.isEmpty else { return nil }
            return Line(role: ["assistant", "system"].contains(role) ? role : "user", text: text)
        }
    }
}
