// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// A function that the model may call.
package struct SimulatedTool: Hashable, Sendable {
    package var name: String
    /// A JSON schema.
    package var parameters: JSONValue

    package init(name: String, parameters: JSONValue = [:]) {
        self.name = name
        self.parameters = parameters
    }
}

/// A model of few rules, so that a conversation goes on as with a real one.
///
/// 1. A prompt with a word of `replies` gets that reply. 2. A prompt that names tools (`get weather`, `get_weather`) calls
/// them, all at once. 3. `say WORDS` says them. 4. `count to N` counts. 5. Everything else is repeated: `You said: …`.
package struct SimulatedMind: Sendable {
    package enum Answer: Sendable {
        case text(String)
        case calls([(name: String, arguments: JSONValue)])
    }

    package var replies: [(word: String, reply: String)]

    package init(replies: [(word: String, reply: String)] = []) { self.replies = replies }

    package func answer(_ prompt: String, tools: [SimulatedTool] = []) -> Answer {
        let heard = prompt.lowercased()
        if let reply = replies.first(where: { heard.contains($0.word.lowercased()) }) { return .text(reply.reply) }
        let named = tools.filter { tool in
            let name = tool.name.lowercased()
            return heard.contains(name) || heard.contains(name.replacing("_", with: " "))
        }
        if !named.isEmpty { return .calls(named.map { ($0.name, Self.arguments($0, prompt)) }) }
        if heard.hasPrefix("say ") { return .text(String(prompt.dropFirst(4))) }
        if let count = Self.count(heard) { return .text((1...count).map(String.init).joined(separator: ", ") + ".") }
        return .text(prompt.isEmpty ? "Hello, how can I help?" : "You said: \(prompt)")
    }

    /// After the calls are done.
    package func answer(toolResults results: [String]) -> Answer {
        .text("The tool says \(results.joined(separator: " and ")).")
    }

    private static func count(_ prompt: String) -> Int? {
        guard prompt.hasPrefix("count to ") else { return nil }
        return Int(prompt.dropFirst(9).prefix { $0.isNumber }).map { min(max($0, 1), 500) }
    }

    /// Something for each property that is required, and for the others if none is.
    private static func arguments(_ tool: SimulatedTool, _ prompt: String) -> JSONValue {
        let properties = tool.parameters["properties"]?.object ?? [:]
        let required = tool.parameters["required"]?.array?.compactMap(\.string) ?? []
        let wanted = properties.filter { required.isEmpty || required.contains($0.key) }
        return .object(wanted.mapValues { value(of: $0, prompt) })
    }

    private static func value(of schema: JSONValue, _ prompt: String) -> JSONValue {
        if let first = schema["enum"]?.array?.first { return first }
        return switch schema["type"]?.string?.lowercased() {
        case "integer", "number": .int(Int64(prompt.split { !$0.isNumber }.first ?? "1") ?? 1)
        case "boolean": true
        case "array": []
        case "object": [:]
        default: .string(lastWord(prompt))
        }
    }

    private static func lastWord(_ prompt: String) -> String {
        prompt.split { !$0.isLetter && !$0.isNumber && $0 != "-" }.last.map(String.init) ?? "something"
    }
}
