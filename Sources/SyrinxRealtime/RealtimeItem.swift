// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore

/// One item of the conversation.
package struct RealtimeItem: Equatable {
    enum Kind: Equatable {
        case message(HistoryItem.Role, [Part])
        /// `arguments`: JSON text.
        case call(callID: String, name: String, arguments: String)
        case output(callID: String, text: String)
    }

    /// A part of a message.
    struct Part: Equatable {
        enum Form: Equatable {
            case inputText, outputText
            /// With what is known to have been said.
            case inputAudio, outputAudio
        }

        var form: Form
        var text: String
        /// Nobody knows yet what was said.
        var isUnheard = false
    }

    enum Status: String {
        case completed, incomplete
        case inProgress = "in_progress"
    }

    var id: String
    var kind: Kind
    var status = Status.completed
    /// Audio of it that was sent, in samples at the session's rate.
    var samples = 0

    init(id: String, kind: Kind, status: Status = .completed) {
        self.id = id
        self.kind = kind
        self.status = status
    }

    /// What was said; empty for what is no message.
    var text: String {
        guard case .message(_, let parts) = kind else { return "" }
        return parts.map(\.text).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// Of its texts.
    var bytes: Int {
        switch kind {
        case .message(_, let parts): parts.reduce(id.utf8.count) { $0 + $1.text.utf8.count }
        case .call(let callID, let name, let arguments):
            id.utf8.count + callID.utf8.count + name.utf8.count + arguments.utf8.count
        case .output(let callID, let text): id.utf8.count + callID.utf8.count + text.utf8.count
        }
    }

    var role: HistoryItem.Role? {
        guard case .message(let role, _) = kind else { return nil }
        return role
    }

    /// The same with other words in its one part.
    mutating func say(_ text: String) {
        guard case .message(let role, var parts) = kind, !parts.isEmpty else { return }
        parts[parts.count - 1].text = text
        parts[parts.count - 1].isUnheard = false
        kind = .message(role, parts)
    }
}

// MARK: - from the client

extension RealtimeItem {
    /// - Throws: for what no agent of ours can read, too.
    init(_ fields: Fields) throws(RealtimeError) {
        let id = try fields.text("id", limit: 512)
        let kind: Kind
        switch try fields.required("type", limit: 64) {
        case "message": kind = try Self.message(fields)
        case "function_call":
            kind = .call(
                callID: try fields.required("call_id", limit: 512), name: try fields.required("name", limit: 512),
                arguments: try fields.required("arguments"))
        case "function_call_output":
            kind = .output(callID: try fields.required("call_id", limit: 512), text: try fields.required("output"))
        case let type:
            throw .unsupported(
                fields.place("type"),
                "is `\(type.prefix(64))`; there are message, function_call and function_call_output")
        }
        self.init(id: id ?? "", kind: kind)
    }

    private static func message(_ fields: Fields) throws(RealtimeError) -> Kind {
        guard let role = HistoryItem.Role(rawValue: try fields.required("role", limit: 64)) else {
            throw .invalid(fields.place("role"), "must be system, user or assistant")
        }
        guard let list = try fields.list("content", limit: 64) else { throw .missing(fields.place("content")) }
        var parts: [Part] = []
        for (index, json) in list.enumerated() {
            parts.append(try part(Fields(json, "\(fields.place("content"))[\(index)]"), role))
        }
        return .message(role, parts)
    }

    private static func part(_ fields: Fields, _ role: HistoryItem.Role) throws(RealtimeError) -> Part {
        switch (try fields.required("type", limit: 64), role) {
        case ("input_text", .user), ("input_text", .system):
            return Part(form: .inputText, text: try fields.required("text"))
        case ("output_text", .assistant), ("text", .assistant):
            return Part(form: .outputText, text: try fields.required("text"))
        case ("input_audio", .user):
            guard let text = try fields.text("transcript") else {
                throw .unsupported(
                    fields.place("audio"),
                    "is not heard here: send it with input_audio_buffer.append, or its transcript")
            }
            return Part(form: .inputAudio, text: text)
        case ("output_audio", .assistant):
            return Part(form: .outputAudio, text: try fields.text("transcript") ?? "")
        case (let type, _):
            throw .unsupported(
                fields.place("type"), "is `\(type.prefix(64))`, which a \(role.rawValue) cannot say here")
        }
    }
}

// MARK: - to the client

extension RealtimeItem {
    var json: JSONValue {
        var fields: [String: JSONValue] = [
            "id": .string(id), "object": "realtime.item", "status": .string(status.rawValue),
        ]
        switch kind {
        case .message(let role, let parts):
            fields["type"] = "message"
            fields["role"] = .string(role.rawValue)
            fields["content"] = .array(parts.map(\.json))
        case .call(let callID, let name, let arguments):
            fields["type"] = "function_call"
            fields["call_id"] = .string(callID)
            fields["name"] = .string(name)
            fields["arguments"] = .string(arguments)
        case .output(let callID, let text):
            fields["type"] = "function_call_output"
            fields["call_id"] = .string(callID)
            fields["output"] = .string(text)
        }
        return .object(fields)
    }
}

extension RealtimeItem.Part {
    var json: JSONValue {
        switch form {
        case .inputText: ["type": "input_text", "text": .string(text)]
        case .outputText: ["type": "output_text", "text": .string(text)]
        case .inputAudio: ["type": "input_audio", "transcript": isUnheard ? .null : .string(text)]
        case .outputAudio: ["type": "output_audio", "transcript": .string(text)]
        }
    }
}

/// The items in their order; the oldest go beyond `limit`, and beyond so many bytes of text.
struct RealtimeItems {
    static let limit = 1000
    static let maximumBytes = 1 << 20

    private(set) var all: [RealtimeItem] = []

    subscript(id: String) -> RealtimeItem? { index(of: id).map { all[$0] } }

    func index(of id: String) -> Int? { all.lastIndex { $0.id == id } }

    /// The item in front of another; nil of the first.
    func previous(of id: String) -> String? {
        guard let index = index(of: id), index > 0 else { return nil }
        return all[index - 1].id
    }

    /// - Parameter place: at the end without.
    mutating func add(_ item: RealtimeItem, at place: Int? = nil) {
        all.insert(item, at: min(place ?? all.count, all.count))
        while all.count > Self.limit || (all.count > 1 && bytes > Self.maximumBytes) { all.removeFirst() }
    }

    private var bytes: Int { all.reduce(0) { $0 + $1.bytes } }

    mutating func change(_ id: String, _ body: (inout RealtimeItem) -> Void) {
        guard let index = index(of: id) else { return }
        body(&all[index])
    }

    mutating func remove(_ id: String) {
        if let index = index(of: id) { all.remove(at: index) }
    }
}
