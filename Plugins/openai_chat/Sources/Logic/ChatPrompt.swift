// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// A PROMPT as the model is asked it: messages and tools.
struct ChatPrompt: Sendable {
    /// The tool with which a model ends the call.
    static let hangUpTool = "end_call"

    var messages: [JSONValue] = []
    /// In the API's form; empty = offer none.
    var tools: [JSONValue] = []
    /// Whether ``hangUpTool`` is the built-in one: an application's own of that name goes before.
    var hangsUpByTool = false

    /// - Parameters:
    ///   - text: The caller's turn.
    ///   - json: The event's extras, as the host writes them.
    /// - Throws: ``PluginError`` when the extras are no JSON object.
    init(
        text: String, json: String, settings: ChatSettings, memory: ToolMemory = ToolMemory()
    ) throws(PluginError) {
        let extras = try JSONValue(parsing: json.isEmpty ? "{}" : json)
        guard extras.object != nil else { throw .invalid("the prompt's extras are no object") }
        let instructions = extras["instructions"]?.string ?? settings.instructions
        if !instructions.isEmpty { messages.append(Self.message("system", instructions)) }
        messages += Self.merged(memory.weave(into: extras["history"]?.array ?? []))
        if !text.isEmpty { messages = Self.merged(messages + [Self.message("user", text)]) }
        guard settings.offersTools || settings.canHangUp else { return }
        let offered = settings.offersTools ? extras["tools"]?.array ?? [] : []
        let names = offered.compactMap { $0["name"]?.string }
        tools = offered.compactMap(Self.tool)
        hangsUpByTool = settings.canHangUp && !names.contains(Self.hangUpTool)
        if hangsUpByTool { tools.append(Self.hangUpDescription) }
    }

    static func message(_ role: String, _ text: String) -> JSONValue {
        ["role": .string(role), "content": .string(text)]
    }

    /// Joins what one side said in several pieces: templates of some models insist on roles that alternate.
    private static func merged(_ messages: [JSONValue]) -> [JSONValue] {
        messages.reduce(into: []) { result, next in
            guard let last = result.last, let role = last["role"]?.string, role == next["role"]?.string,
                role == "user" || role == "assistant", last["tool_calls"] == nil, next["tool_calls"] == nil,
                let before = last["content"]?.string, let after = next["content"]?.string
            else { return result.append(next) }
            result[result.count - 1] = message(role, before + "\n" + after)
        }
    }

    private static func tool(_ tool: JSONValue) -> JSONValue? {
        guard let name = tool["name"]?.string, !name.isEmpty else { return nil }
        var function: [String: JSONValue] = ["name": .string(name)]
        function["description"] = tool["description"]
        function["parameters"] = tool["parameters"]?.object.map(JSONValue.object) ?? emptySchema
        return ["type": "function", "function": .object(function)]
    }

    private static let emptySchema: JSONValue = ["type": "object", "properties": [:]]

    private static let hangUpDescription: JSONValue = [
        "type": "function",
        "function": [
            "name": .string(hangUpTool),
            "description": "Ends the phone call. Use it when the conversation is over, after saying goodbye.",
            "parameters": [
                "type": "object",
                "properties": [
                    "farewell": ["type": "string", "description": "The last words, unless they were said already."]
                ],
            ],
        ],
    ]
}

/// The tool calls of earlier turns, which the host's history does not keep: without them a model forgets what it
/// looked up.
struct ToolMemory: Sendable {
    private struct Entry {
        let userText: String
        let messages: [JSONValue]
        let size: Int
    }

    /// All messages together, in bytes; the oldest go.
    private static let capacity = 64 << 10

    private var entries: [Entry] = []

    /// Keeps the calls and results of a turn.
    mutating func keep(_ messages: [JSONValue], userText: String) {
        guard !messages.isEmpty else { return }
        let size = messages.map(\.text.utf8.count).reduce(0, +)
        entries.append(Entry(userText: userText, messages: messages, size: size))
        while entries.map(\.size).reduce(0, +) > Self.capacity { entries.removeFirst() }
    }

    /// The history as messages, with calls and results behind the turns that they belong to.
    ///
    /// Turns are found by their text, newest first: the host may have dropped the oldest.
    func weave(into history: [JSONValue]) -> [JSONValue] {
        var left = entries
        var messages: [JSONValue] = []
        for item in history.reversed() {
            guard let role = item["role"]?.string, ["user", "assistant", "system"].contains(role),
                let text = item["text"]?.string, !text.isEmpty, item["backchannel"]?.bool != true
            else { continue }
            if role == "user", let index = left.lastIndex(where: { $0.userText == text }) {
                messages += left[index].messages.reversed()
                left.removeSubrange(index...)
            }
            messages.append(ChatPrompt.message(role, text))
        }
        return messages.reversed()
    }
}
