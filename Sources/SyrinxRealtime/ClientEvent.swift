// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The protocol's events by name, as far as they are served.
package enum RealtimeEvents {
    package static var ofClient: [String] { ClientEvent.types }
}

/// What a client may say.
enum ClientEvent {
    case updateSession(Fields)
    case appendAudio([UInt8])
    case commitAudio
    case clearAudio
    case createItem(RealtimeItem, after: String?)
    case deleteItem(String)
    case retrieveItem(String)
    case truncateItem(String, content: Int, milliseconds: Int)
    case createResponse(ResponseOrder)
    case cancelResponse(String?)
    case clearOutput

    static let types = [
        "session.update", "input_audio_buffer.append", "input_audio_buffer.commit", "input_audio_buffer.clear",
        "conversation.item.create", "conversation.item.delete", "conversation.item.retrieve",
        "conversation.item.truncate", "response.create", "response.cancel", "output_audio_buffer.clear",
    ]

    init(_ event: Fields) throws(RealtimeError) {
        switch try event.required("type") {
        case "session.update":
            guard let session = try event.fields("session") else { throw .missing("session") }
            self = .updateSession(session)
        case "input_audio_buffer.append": self = .appendAudio(try Self.audio(event))
        case "input_audio_buffer.commit": self = .commitAudio
        case "input_audio_buffer.clear": self = .clearAudio
        case "conversation.item.create":
            guard let item = try event.fields("item") else { throw .missing("item") }
            self = .createItem(try RealtimeItem(item), after: try event.text("previous_item_id", limit: 512))
        case "conversation.item.delete": self = .deleteItem(try event.required("item_id", limit: 512))
        case "conversation.item.retrieve": self = .retrieveItem(try event.required("item_id", limit: 512))
        case "conversation.item.truncate":
            let content = try event.whole("content_index", 0...Int64(Int32.max))
            guard let content else { throw .missing("content_index") }
            guard let milliseconds = try event.whole("audio_end_ms", 0...Int64(Int32.max)) else {
                throw .missing("audio_end_ms")
            }
            self = .truncateItem(
                try event.required("item_id", limit: 512), content: content, milliseconds: milliseconds)
        case "response.create": self = .createResponse(try ResponseOrder(event.fields("response")))
        case "response.cancel": self = .cancelResponse(try event.text("response_id", limit: 512))
        case "output_audio_buffer.clear": self = .clearOutput
        case let type:
            throw RealtimeError(
                code: "unknown_event",
                message: "there is no event `\(type.prefix(64))`; there are \(Self.types.joined(separator: ", "))",
                param: "type")
        }
    }

    private static func audio(_ event: Fields) throws(RealtimeError) -> [UInt8] {
        guard let text = try event.text("audio", limit: .max) else { throw .missing("audio") }
        guard let bytes = Base64.decode(text) else { throw .invalid("audio", "is no base64") }
        return bytes
    }
}

/// `response.create`.
struct ResponseOrder: Equatable {
    /// False: neither reads the conversation when `input` is there, nor becomes a part of it.
    var isInConversation = true
    /// Instead of the conversation.
    var input: [InputItem]?
    var instructions: String?
    var speaks: Bool?
    var tools: [RealtimeTool]?
    var metadata: JSONValue = .null

    enum InputItem: Equatable {
        case item(RealtimeItem)
        case reference(String)
    }

    init() {}

    init(_ fields: Fields?) throws(RealtimeError) {
        guard let fields else { return }
        if let conversation = try fields.text("conversation", limit: 64) {
            guard ["auto", "none"].contains(conversation) else {
                throw .invalid(fields.place("conversation"), "must be auto or none")
            }
            isInConversation = conversation == "auto"
        }
        instructions = try fields.text("instructions")
        speaks = try Modalities.read(fields)
        tools = try RealtimeTool.list(fields)
        if try RealtimeTool.choice(fields) == "none" { tools = [] }
        if let metadata = fields.value("metadata") {
            guard metadata.object != nil else { throw .wrongType(fields.place("metadata"), "an object") }
            self.metadata = metadata
        }
        guard let list = try fields.list("input", limit: 1000) else { return }
        var input: [InputItem] = []
        for (index, json) in list.enumerated() {
            let item = try Fields(json, "\(fields.place("input"))[\(index)]")
            if try item.text("type", limit: 64) == "item_reference" {
                input.append(.reference(try item.required("id", limit: 512)))
            } else {
                input.append(.item(try RealtimeItem(item)))
            }
        }
        self.input = input
    }
}

/// `output_modalities`: audio, which has its transcript, or text alone.
enum Modalities {
    /// - Returns: whether answers are spoken; nil where it is not said.
    static func read(_ fields: Fields) throws(RealtimeError) -> Bool? {
        guard let list = try fields.list("output_modalities", limit: 2) else { return nil }
        let names = list.compactMap(\.string)
        guard names.count == list.count, !names.isEmpty, Set(names).isSubset(of: ["audio", "text"]) else {
            throw .invalid(fields.place("output_modalities"), "must be [\"audio\"] or [\"text\"]")
        }
        return names.contains("audio")
    }

    static func json(speaks: Bool) -> JSONValue { speaks ? ["audio"] : ["text"] }
}
