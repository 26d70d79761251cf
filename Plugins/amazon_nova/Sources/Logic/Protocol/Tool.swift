// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// A tool that the model may call.
struct Tool: Decodable, Hashable, Sendable {
    var name: String
    var description: String?
    /// JSON Schema of its arguments.
    var parameters: JSONValue?

    private static let noParameters: JSONValue = ["type": "object", "properties": [:]]

    /// As `promptStart` names it: the schema travels as text.
    var specification: JSONValue {
        let schema = parameters?.object == nil ? Self.noParameters : parameters ?? Self.noParameters
        return [
            "toolSpec": [
                "name": .string(name), "description": .string(description ?? name),
                "inputSchema": ["json": .string(schema.text)],
            ]
        ]
    }
}
