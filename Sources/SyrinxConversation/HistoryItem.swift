// SPDX-License-Identifier: Apache-2.0

/// One line of what was said. The text of a turn in progress is not here yet: `Action.prompt` carries it beside the
/// history. It enters when the turn ends, at the place where it was committed.
package struct HistoryItem: Sendable, Equatable, Codable {
    package enum Role: String, Sendable, Codable {
        case user
        case assistant
        /// Nobody said it: an application that keeps the history itself tells the agent something.
        case system
    }

    package var role: Role
    /// Of the assistant: the part that was heard.
    package var text: String
    package var interrupted: Bool
    /// "mm-hm": stored, not answered.
    package var backchannel: Bool

    package init(role: Role, text: String, interrupted: Bool = false, backchannel: Bool = false) {
        self.role = role
        self.text = text
        self.interrupted = interrupted
        self.backchannel = backchannel
    }
}
