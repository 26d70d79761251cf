// SPDX-License-Identifier: Apache-2.0
internal import OpenAIHTTP
internal import SyrinxPlugin

/// A tool call that the model made.
struct ChatToolCall: Hashable, Sendable {
    /// The model's own id for it; made up when the server sent none.
    var id: String
    var name: String
    /// JSON as the model wrote it.
    var arguments: String

    /// The arguments when they are what they should be, a JSON object.
    var argumentsObject: JSONValue? {
        let text = arguments.allSatisfy(\.isWhitespace) ? "{}" : arguments
        guard let value = try? JSONValue(parsing: text), value.object != nil else { return nil }
        return value
    }

    /// As the API wants it back.
    var json: JSONValue {
        ["id": .string(id), "type": "function", "function": ["name": .string(name), "arguments": .string(arguments)]]
    }
}

/// Puts tool calls together from their fragments, keyed by `index`; id and name come with the first one.
struct ToolCallAssembler: Sendable {
    /// More calls in one answer than this, and more bytes of arguments, are no answer of a model that works.
    private static let maximumCalls = 64
    private static let maximumBytes = 256 << 10

    private var slots: [(index: Int64, call: ChatToolCall)] = []
    private var bytes = 0

    /// The calls so far, in the order of their first fragments.
    var calls: [ChatToolCall] {
        slots.enumerated().map { number, slot in
            var call = slot.call
            if call.id.isEmpty { call.id = "call_\(number)" }
            return call
        }
    }

    /// Takes a fragment, or a whole call.
    mutating func add(_ fragment: JSONValue) throws(PluginError) {
        guard fragment.object != nil, let function = fragment["function"]?.object else {
            throw OpenAIFailure.malformed("a tool call")
        }
        let id = fragment["id"]?.string ?? ""
        let place = try slot(index: fragment["index"]?.int, id: id)
        if slots[place].call.id.isEmpty { slots[place].call.id = id }
        if slots[place].call.name.isEmpty { slots[place].call.name = function["name"]?.string ?? "" }
        let piece: String
        switch function["arguments"] {
        case .string(let text): piece = text
        case .none, .null: piece = ""
        // Some servers write the object itself instead of its text.
        case .object(let members): piece = JSONValue.object(members).text
        default: throw OpenAIFailure.malformed("the arguments of a tool call")
        }
        bytes += piece.utf8.count
        guard bytes <= Self.maximumBytes else { throw OpenAIFailure.malformed("the length of a tool call") }
        slots[place].call.arguments += piece
    }

    /// Where a fragment belongs. Servers that number no calls, or all of them 0, tell them apart by their ids.
    private mutating func slot(index: Int64?, id: String) throws(PluginError) -> Int {
        let found =
            index.map { index in slots.lastIndex { $0.index == index } } ?? slots.indices.last
        if let found {
            let known = slots[found].call.id
            if id.isEmpty || known.isEmpty || known == id { return found }
        }
        guard slots.count < Self.maximumCalls else { throw OpenAIFailure.malformed("the number of tool calls") }
        slots.append((index ?? Int64(slots.count), ChatToolCall(id: id, name: "", arguments: "")))
        return slots.count - 1
    }
}
