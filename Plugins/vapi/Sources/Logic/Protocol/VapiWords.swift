// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The assistant's words, from transcripts that begin anew with each segment; where there are none, from the
/// conversation as a whole.
struct VapiWords {
    private var told = ""
    private var endsInSpace = true
    private var tellsTranscripts = false
    private var counts: [String: Int] = [:]

    /// What is new in a transcript of the assistant.
    mutating func transcript(_ text: String, isFinal: Bool) -> String {
        tellsTranscripts = true
        defer { told = isFinal ? "" : told }
        // A segment that was heard otherwise at first cannot be taken back.
        guard text.utf8.count > told.utf8.count, text.hasPrefix(told) else { return "" }
        let new = String(text.dropFirst(told.count))
        let isFirst = told.isEmpty
        told = text
        defer { endsInSpace = new.last?.isWhitespace ?? endsInSpace }
        return isFirst && !endsInSpace ? " " + new : new
    }

    mutating func callerHasTranscripts() { tellsTranscripts = true }

    /// The lines of a conversation-update that are new, where transcripts do not say the same.
    mutating func conversation(_ message: JSONValue) -> [(role: String, text: String)] {
        let lines = message["messagesOpenAIFormatted"]?.array ?? message["conversation"]?.array ?? []
        var seen: [String: Int] = [:]
        var new: [(role: String, text: String)] = []
        for line in lines {
            guard let role = line["role"]?.string, ["user", "assistant"].contains(role),
                let text = line["content"]?.string, !text.isEmpty
            else { continue }
            seen[role, default: 0] += 1
            if seen[role, default: 0] > counts[role, default: 0] { new.append((role, text)) }
        }
        counts = seen
        return tellsTranscripts ? [] : new
    }

    /// What comes belongs to another answer.
    mutating func reset() {
        told = ""
        endsInSpace = true
    }
}
