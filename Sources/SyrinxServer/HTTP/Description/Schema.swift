// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Words of JSON Schema 2020-12, which OpenAPI 3.1 and AsyncAPI 3.0 both take.
enum Schema {
    static func text(
        _ description: String? = nil, length: ClosedRange<Int>? = nil, pattern: String? = nil, format: String? = nil,
        default fallback: String? = nil
    ) -> JSONValue {
        var fields: [String: JSONValue] = ["type": "string"]
        if let description { fields["description"] = .string(description) }
        if let length {
            fields["minLength"] = .int(Int64(length.lowerBound))
            fields["maxLength"] = .int(Int64(length.upperBound))
        }
        if let pattern { fields["pattern"] = .string(pattern) }
        if let format { fields["format"] = .string(format) }
        if let fallback { fields["default"] = .string(fallback) }
        return .object(fields)
    }

    /// One of some words.
    static func word(_ words: [String], _ description: String? = nil) -> JSONValue {
        var fields: [String: JSONValue] = ["type": "string", "enum": .array(words.map(JSONValue.string))]
        if let description { fields["description"] = .string(description) }
        return .object(fields)
    }

    static func constant(_ word: String) -> JSONValue { ["type": "string", "const": .string(word)] }

    /// - Parameter most: nil = as large as it likes.
    static func whole(
        _ description: String? = nil, from least: Int64 = 0, to most: Int64? = nil, default fallback: Int64? = nil,
        step: Int64? = nil
    ) -> JSONValue {
        var fields: [String: JSONValue] = ["type": "integer", "minimum": .int(least)]
        if let description { fields["description"] = .string(description) }
        if let most { fields["maximum"] = .int(most) }
        if let fallback { fields["default"] = .int(fallback) }
        if let step { fields["multipleOf"] = .int(step) }
        return .object(fields)
    }

    static func number(_ description: String? = nil, to most: Int64? = nil) -> JSONValue {
        var fields: [String: JSONValue] = ["type": "number", "minimum": 0]
        if let description { fields["description"] = .string(description) }
        if let most { fields["maximum"] = .int(most) }
        return .object(fields)
    }

    static func truth(_ description: String? = nil, default fallback: Bool? = nil) -> JSONValue {
        var fields: [String: JSONValue] = ["type": "boolean"]
        if let description { fields["description"] = .string(description) }
        if let fallback { fields["default"] = .bool(fallback) }
        return .object(fields)
    }

    static func time(_ description: String? = nil) -> JSONValue { text(description, format: "date-time") }

    /// - Parameters:
    ///   - optional: what may be missing; all else is required.
    ///   - isOpen: whether there may be more than these.
    static func object(
        _ required: [String: JSONValue], optional: [String: JSONValue] = [:], isOpen: Bool = false,
        _ description: String? = nil
    ) -> JSONValue {
        var fields: [String: JSONValue] = [
            "type": "object", "properties": .object(required.merging(optional) { first, _ in first }),
        ]
        if !required.isEmpty { fields["required"] = .array(required.keys.sorted().map(JSONValue.string)) }
        if !isOpen { fields["additionalProperties"] = false }
        if let description { fields["description"] = .string(description) }
        return .object(fields)
    }

    static func list(_ element: JSONValue, most: Int64? = nil) -> JSONValue {
        var fields: [String: JSONValue] = ["type": "array", "items": element]
        if let most { fields["maxItems"] = .int(most) }
        return .object(fields)
    }

    /// An object whose keys are anything.
    static func map(_ value: JSONValue) -> JSONValue { ["type": "object", "additionalProperties": value] }

    static func orNull(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, ["type": "null"]]] }

    static func named(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }
}
