// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The conversation as the client edits it.
extension RealtimeSession {
    private static let maximumItems = 2000

    /// At the end, and told.
    func add(_ entry: RealtimeConversation.Entry, previous: JSONValue) {
        _ = conversation.insert(entry)
        tell(entry.json, previous: previous)
    }

    private func tell(_ item: JSONValue, previous: JSONValue) {
        emit("conversation.item.added", ["item": item, "previous_item_id": previous])
        emit("conversation.item.done", ["item": item, "previous_item_id": previous])
    }

    func create(_ event: JSONValue) {
        guard let item = event["item"]?.object, let type = item["type"]?.string else {
            return fail(
                "missing_required_parameter", "Missing required parameter: 'item.type'.", of: event, param: "item")
        }
        if let message = complaint(type, item) { return fail("invalid_value", message, of: event, param: "item") }
        let id = item["id"]?.string ?? self.id("item")
        guard conversation[id] == nil, conversation.entries.count < Self.maximumItems else {
            return fail("invalid_value", "There is an item '\(id)' already, or too many.", of: event, param: "item.id")
        }
        let own: [String: JSONValue] = ["id": .string(id), "object": "realtime.item", "status": "completed"]
        let json = JSONValue.object(item.merging(own) { $1 })
        let entry = RealtimeConversation.Entry(id: id, json: json, text: OpenAIPrompt.text(of: json))
        let placed = conversation.insert(entry, after: event["previous_item_id"]?.string)
        guard placed.isPlaced else {
            return fail(
                "item_not_found", "The previous item does not exist.", of: event, param: "previous_item_id")
        }
        tell(json, previous: placed.previous.map { .string($0) } ?? nil)
    }

    private func complaint(_ type: String, _ item: [String: JSONValue]) -> String? {
        switch type {
        case "message":
            let isComplete = item["role"]?.string != nil && item["content"]?.array != nil
            return isComplete ? nil : "A message has a role and content."
        case "function_call": return item["name"]?.string == nil ? "A call has a name." : nil
        case "function_call_output":
            let call = item["call_id"]?.string ?? ""
            guard conversation.hasCall(call) else { return "Tool call ID '\(call)' not found in conversation." }
            return item["output"]?.string == nil ? "An output is a text." : nil
        default: return "Invalid value: '\(type)'."
        }
    }

    /// The entry that the event names, or an error told.
    private func entry(_ event: JSONValue) -> RealtimeConversation.Entry? {
        let id = event["item_id"]?.string ?? ""
        if let entry = conversation[id] { return entry }
        fail("item_not_found", "Item with id '\(id)' not found.", of: event, param: "item_id")
        return nil
    }

    func retrieve(_ event: JSONValue) {
        if let entry = entry(event) { emit("conversation.item.retrieved", ["item": entry.json]) }
    }

    func delete(_ event: JSONValue) {
        guard let entry = entry(event) else { return }
        _ = conversation.remove(entry.id)
        emit("conversation.item.deleted", ["item_id": .string(entry.id)])
    }

    /// The model forgets what was not heard: the whole transcript, as no words are aligned.
    func truncate(_ event: JSONValue) {
        guard var entry = entry(event) else { return }
        guard let end = event["audio_end_ms"]?.int, let content = event["content_index"]?.int else {
            return fail("missing_required_parameter", "Missing required parameter: 'audio_end_ms'.", of: event)
        }
        guard entry.json["role"]?.string == "assistant", content == 0, end >= 0 else {
            return fail("invalid_value", "Only model output audio messages can be truncated.", of: event)
        }
        guard end <= entry.milliseconds else {
            let message = "Audio content of \(entry.milliseconds)ms is already shorter than \(end)ms."
            return fail("invalid_value", message, of: event, param: "audio_end_ms")
        }
        entry.milliseconds = Int(end)
        entry.text = ""
        conversation[entry.id] = entry
        emit(
            "conversation.item.truncated",
            ["item_id": .string(entry.id), "content_index": 0, "audio_end_ms": .int(end)])
    }
}
