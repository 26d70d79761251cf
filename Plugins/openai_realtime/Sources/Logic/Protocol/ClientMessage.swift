// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The client events of the GA protocol that are sent (OpenAI, API reference, "Realtime client events"), as JSON text.
enum ClientMessage {
    /// `event_id`s that come back in errors: what an error is about.
    enum EventID {
        static let setup = "setup"
        static let history = "history"
        static let truncate = "truncate"
        static let cancel = "cancel"
        static func create(_ reply: ResponseLedger.Reply) -> String { "create-\(reply.number)" }
    }

    /// Metadata key that names the answer which a response belongs to; the vendor repeats it.
    static let replyKey = "syrinx_reply"

    static func append(_ samples: [Int16]) -> String {
        // The most frequent message by far; base64 needs no escaping.
        #"{"type":"input_audio_buffer.append","audio":"\#(Base64.encode(samples))"}"#
    }

    static func update(_ session: JSONValue) -> String {
        event("session.update", ["session": session, "event_id": .string(EventID.setup)])
    }

    /// A message of the conversation: the caller's words are input, the assistant's output (Objects, Item).
    static func message(role: String, text: String, eventID: String = EventID.history) -> String {
        let part = role == "assistant" ? "output_text" : "input_text"
        let item: JSONValue = [
            "type": "message", "role": .string(role), "content": [["type": .string(part), "text": .string(text)]],
        ]
        return event("conversation.item.create", ["item": item, "event_id": .string(eventID)])
    }

    static func toolOutput(call: String, output: String) -> String {
        let item: JSONValue = [
            "type": "function_call_output", "call_id": .string(call), "output": .string(output),
        ]
        return event("conversation.item.create", ["item": item])
    }

    /// - Parameter order: What the model is to do in this response alone, with no tool.
    static func create(_ reply: ResponseLedger.Reply, order: String?) -> String {
        var response: [String: JSONValue] = ["metadata": [replyKey: .string(String(reply.number))]]
        if let order {
            response["instructions"] = .string(order)
            response["tool_choice"] = "none"
        }
        return event("response.create", ["response": .object(response), "event_id": .string(EventID.create(reply))])
    }

    static func cancel(_ response: String) -> String {
        event("response.cancel", ["response_id": .string(response), "event_id": .string(EventID.cancel)])
    }

    static func truncate(item: String, content: Int, milliseconds: Int) -> String {
        event(
            "conversation.item.truncate",
            [
                "item_id": .string(item), "content_index": .int(Int64(content)),
                "audio_end_ms": .int(Int64(milliseconds)), "event_id": .string(EventID.truncate),
            ]
        )
    }

    private static func event(_ type: String, _ fields: [String: JSONValue]) -> String {
        var fields = fields
        fields["type"] = .string(type)
        return JSONValue.object(fields).text
    }
}
