// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The client's messages of RTVI, as JSON text.
enum RTVIMessage {
    /// The version that this side speaks.
    static let version = "2.1.0"
    static let major = 2
    /// Bots of this major say less, and are understood all the same.
    static let oldMajor = 1
    static let label = "rtvi-ai"
    static let readyID = "ready"

    static var clientReady: String {
        make(
            "client-ready",
            id: readyID,
            ["version": .string(version), "about": ["library": "syrinx", "library_version": "1.0.0"]]
        )
    }

    /// A typed turn, to be answered in speech; the bot breaks off what it says.
    static func text(_ text: String, id: String) -> String {
        make(
            "send-text",
            id: id,
            ["content": .string(text), "options": ["run_immediately": true, "audio_response": true]]
        )
    }

    /// The bot wants an object or a text.
    static func result(_ call: BotConversation.Call, _ text: String, failed: Bool, id: String) -> String {
        let object = (try? JSONValue(parsing: text)).flatMap { $0.object == nil ? nil : $0 }
        return make(
            "llm-function-call-result",
            id: id,
            [
                "function_name": .string(call.name), "tool_call_id": .string(call.vendorID),
                "arguments": call.arguments, "result": failed ? ["error": .string(text)] : object ?? .string(text),
            ]
        )
    }

    static func keys(_ keys: [String], id: String) -> String {
        make("dtmf", id: id, ["buttons": .array(keys.map { .string($0) })])
    }

    static func disconnect(id: String) -> String { make("disconnect-bot", id: id, [:]) }

    private static func make(_ type: String, id: String, _ data: JSONValue) -> String {
        JSONValue.object([
            "label": .string(label), "type": .string(type), "id": .string(id), "data": data,
        ]).text
    }
}
