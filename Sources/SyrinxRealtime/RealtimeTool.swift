// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// A function that the client offers to the agent.
package struct RealtimeTool: Equatable, Sendable {
    package var name: String
    package var about: String
    /// JSON Schema.
    package var parameters: JSONValue

    var json: JSONValue {
        [
            "type": "function", "name": .string(name), "description": .string(about), "parameters": parameters,
        ]
    }

    /// - Returns: nil where nothing is said of tools.
    static func list(_ fields: Fields) throws(RealtimeError) -> [RealtimeTool]? {
        guard let list = try fields.list("tools", limit: 128) else { return nil }
        var tools: [RealtimeTool] = []
        for (index, json) in list.enumerated() {
            let tool = try Fields(json, "\(fields.place("tools"))[\(index)]")
            guard try tool.required("type", limit: 64) == "function" else {
                throw .unsupported(tool.place("type"), "must be function: no other tools are run here")
            }
            let name = try tool.required("name", limit: 256)
            guard !name.isEmpty else { throw .invalid(tool.place("name"), "is empty") }
            let parameters = tool.value("parameters") ?? ["type": "object", "properties": [:]]
            guard parameters.object != nil else { throw .wrongType(tool.place("parameters"), "an object") }
            tools.append(
                RealtimeTool(name: name, about: try tool.text("description") ?? "", parameters: parameters))
        }
        return tools
    }

    /// The agent decides itself, or has none: it cannot be made to call one.
    static func choice(_ fields: Fields) throws(RealtimeError) -> String? {
        guard let value = fields.value("tool_choice") else { return nil }
        switch value.string {
        case "auto", "none": return value.string
        default: throw .unsupported(fields.place("tool_choice"), "must be auto or none")
        }
    }
}
