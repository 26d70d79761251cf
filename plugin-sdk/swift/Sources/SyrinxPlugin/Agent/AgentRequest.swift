// SPDX-License-Identifier: Apache-2.0

/// An event of the host for an agent, copied.
public enum AgentRequest: Sendable, Hashable {
    /// An answer is wanted to these words; `extras` is the JSON object with history, tools and language.
    case prompt(generation: UInt64, text: String, extras: String)
    /// What a tool answered; the text says what went wrong when it failed.
    case toolResult(generation: UInt64, call: UInt64, text: String, failed: Bool)
    /// A timer fired.
    case timer(cookie: UInt64)

    /// Reads an event; nil for those that mean nothing to an agent.
    public init?(_ event: borrowing Event) {
        switch event.type {
        case .prompt: self = .prompt(generation: event.generation, text: event.text, extras: event.json)
        case .toolResult:
            self = .toolResult(
                generation: event.generation,
                call: event.id,
                text: event.text,
                failed: event.integer < 0
            )
        case .timer: self = .timer(cookie: event.id)
        default: return nil
        }
    }
}
