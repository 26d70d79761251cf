// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore
internal import SyrinxHost

/// What an agent is asked.
package struct AgentPrompt: Sendable {
    package var generation: UInt64
    package var text: String
    package var history: [HistoryItem]
    package var language: String
    package var tools: [ToolDescription]
    /// In the place of the agent's own; nil = those hold.
    package var instructions: String?
}

/// What the caller's side wants the agent to be and do. Nil, empty: what the profile says holds.
package struct Brief: Sendable, Equatable {
    package var instructions: String?
    package var tools: [ToolDescription]

    package init(instructions: String? = nil, tools: [ToolDescription] = []) {
        self.instructions = instructions
        self.tools = tools
    }
}

/// A tool as an agent sees it.
package struct ToolDescription: Sendable, Equatable {
    package var name: String
    package var about: String
    /// JSON Schema of the arguments.
    package var parameters: JSONValue

    package init(name: String, about: String, parameters: JSONValue) {
        self.name = name
        self.about = about
        self.parameters = parameters
    }
}

/// The agent's side of a session: a plugin, or code of the application. Called on the session's event loop; answers
/// come as inputs of the conversation.
package protocol AgentLink: AnyObject {
    /// - Returns: nil, or the error code with which the agent refuses.
    func prompt(_ prompt: AgentPrompt) -> String?
    func cancel(_ generation: UInt64)
    /// - Returns: nil, or the error code with which the agent refuses.
    func toolResult(generation: UInt64, call: UInt64, text: String, failed: Bool) -> String?
    func close(_ done: @escaping @Sendable () -> Void)
}

/// An agent plugin.
final class PluginAgent: AgentLink {
    let stage: StageSession

    init(_ stage: StageSession) { self.stage = stage }

    func prompt(_ prompt: AgentPrompt) -> String? {
        let request = StageRequest.prompt(text: prompt.text, json: Self.extras(prompt).text)
        let status = stage.send(request, generation: prompt.generation)
        return status < 0 ? ProviderErrorClass(status: status).code : nil
    }

    func cancel(_ generation: UInt64) { stage.cancel(generation) }

    func toolResult(generation: UInt64, call: UInt64, text: String, failed: Bool) -> String? {
        let status = stage.send(.toolResult(call: call, text: text, failed: failed), generation: generation)
        return status < 0 ? ProviderErrorClass(status: status).code : nil
    }

    func close(_ done: @escaping @Sendable () -> Void) { stage.close(done) }

    private static func extras(_ prompt: AgentPrompt) -> JSONValue {
        let history = prompt.history.map { item -> JSONValue in
            var line: [String: JSONValue] = ["role": .string(item.role.rawValue), "text": .string(item.text)]
            if item.interrupted { line["interrupted"] = true }
            if item.backchannel { line["backchannel"] = true }
            return .object(line)
        }
        let tools = prompt.tools.map { tool -> JSONValue in
            ["name": .string(tool.name), "description": .string(tool.about), "parameters": tool.parameters]
        }
        var extras: [String: JSONValue] = [
            "history": .array(history), "tools": .array(tools), "language": .string(prompt.language),
        ]
        if let instructions = prompt.instructions { extras["instructions"] = .string(instructions) }
        return .object(extras)
    }
}
