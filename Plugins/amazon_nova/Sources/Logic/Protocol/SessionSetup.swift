// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What CONFIG says of a conversation.
struct ConversationConfig: Decodable, Sendable {
    struct Line: Decodable, Sendable {
        var role: String
        var text: String
    }

    var instructions: String?
    var tools: [Tool]?
    var history: [Line]?
    var voice: String?
}

/// The events that open a session, up to the start of its audio.
struct SessionSetup {
    /// Limits of the vendor, in bytes of UTF-8.
    static let maximumMessage = 50 << 10
    static let maximumHistory = 200 << 10

    let events: [String]

    init(_ config: ConversationConfig, settings: NovaSettings, input: UInt32, output: UInt32) {
        let voice = config.voice.flatMap { $0.isEmpty ? nil : $0 } ?? settings.voice
        var events = [
            ClientEvent.sessionStart(settings),
            ClientEvent.promptStart(voice: voice, sampleRate: output, tools: config.tools ?? []),
        ]
        let instructions = config.instructions.flatMap { $0.isEmpty ? nil : $0 } ?? settings.instructions
        if !instructions.isEmpty { events += ClientEvent.textBlock(instructions, name: "system", role: .system) }
        for (index, line) in Self.history(config.history ?? []).enumerated() {
            events += ClientEvent.textBlock(line.text, name: "history-\(index + 1)", role: line.role)
        }
        events.append(ClientEvent.audioStart(sampleRate: input))
        self.events = events
    }

    /// As much of the end as the limits allow; it has to begin with the user.
    static func history(_ lines: [ConversationConfig.Line]) -> [(role: ClientEvent.Role, text: String)] {
        var kept: [(role: ClientEvent.Role, text: String)] = []
        var total = 0
        for line in lines.reversed() where !line.text.isEmpty {
            guard let role = ["user": ClientEvent.Role.user, "assistant": .assistant][line.role] else { continue }
            let text = shortened(line.text)
            total += text.utf8.count
            guard total <= maximumHistory else { break }
            kept.append((role, text))
        }
        return Array(kept.reversed().drop { $0.role != .user })
    }

    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > maximumMessage else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: maximumMessage)
        // Back to a character's beginning.
        while end > text.startIndex, end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }
}
