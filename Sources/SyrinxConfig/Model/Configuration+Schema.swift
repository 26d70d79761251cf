// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

extension Configuration {
    /// The JSON Schema of the file, for editors and for `syrinx config schema`; made from the tables that check it.
    package static var schema: JSONValue {
        guard case .object(var members) = ConfigSection.root.schema else { return [:] }
        members["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        members["title"] = "Syrinx configuration"
        return .object(members)
    }

    /// A file's text as JSON, as an editor sees it: to be compared with the schema.
    ///
    /// Nil for a text that is no YAML.
    package static func jsonValue(ofText text: String) -> JSONValue? {
        let source = SourceText(text, file: "")
        var loader = YAMLLoader(source: source, references: ReferenceExpander(environment: [:], folder: "."))
        return loader.load(text)?.jsonValue
    }
}

extension ConfigSection {
    var schema: JSONValue {
        var properties: [String: JSONValue] = [:]
        for field in fields { properties[field.key] = field.schema }
        var schema: [String: JSONValue] = [
            "type": ["object", "null"], "properties": .object(properties), "additionalProperties": false,
        ]
        let required = fields.filter(\.isRequired).map { JSONValue.string($0.key) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return .object(schema)
    }
}

extension ConfigField {
    fileprivate var schema: JSONValue {
        guard case .object(var members) = kind.schema else { return [:] }
        members["description"] = .string(meaning)
        if let fallback, let value = kind.defaultValue(fallback) { members["default"] = value }
        return .object(members)
    }
}

extension ConfigKind {
    /// Any scalar may hold a reference instead of its own form.
    fileprivate static let reference = "\\$\\{"

    fileprivate var schema: JSONValue {
        switch self {
        case .text(let form): form.schema
        case .words(let words):
            ["anyOf": [["enum": .array(words.map(JSONValue.string))], .string(matching: Self.reference)]]
        case .flag: ["type": ["boolean", "string"], "pattern": .string(Self.reference)]
        case .integer(let range):
            [
                "type": ["integer", "string"], "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound),
                "pattern": .string(Self.reference),
            ]
        case .bytes(let range):
            [
                "type": ["integer", "string"], "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound),
                "pattern": .string("^[0-9]+(KiB|MiB)?$|\(Self.reference)"),
            ]
        case .number(let range):
            [
                "type": ["number", "string"], "minimum": .double(range.lowerBound),
                "maximum": .double(range.upperBound),
                "pattern": .string(Self.reference),
            ]
        case .duration: .string(matching: "\(DurationText.pattern)|\(Self.reference)")
        case .list(let form): ["type": "array", "items": form.schema]
        case .wordList(let words, let mayBeEmpty):
            ["type": "array", "minItems": mayBeEmpty ? 0 : 1, "items": Self.words(words).schema]
        case .stage: Self.stageSchema
        case .stages: ["type": ["array", "null"], "items": Self.stageSchema]
        case .options: ["type": ["object", "null"], "description": "by the provider's session_schema"]
        case .section(let section): section.schema
        case .named(let section, let names): Self.group(of: section.schema, by: names)
        case .values(let kind, let names): Self.group(of: kind.schema, by: names)
        }
    }

    private static func group(of schema: JSONValue, by names: ConfigNames) -> JSONValue {
        [
            "type": ["object", "null"], "additionalProperties": false, "patternProperties": [names.pattern: schema],
        ]
    }

    private static let stageKeys: [String: JSONValue] = [
        "provider": ["type": "string", "description": "a provider's id, with @version to pin it"],
        "config": ["type": ["object", "null"], "description": "by the provider's config_schema"],
        "options": ["type": ["object", "null"], "description": "by the provider's session_schema"],
    ]

    private static let stageSchema: JSONValue = {
        let plain: JSONValue = ["type": "string", "description": "a provider's id, with @version to pin it, or none"]
        func long(_ keys: [String: JSONValue]) -> JSONValue {
            [
                "type": "object", "required": ["provider"], "additionalProperties": false,
                "properties": .object(keys),
            ]
        }
        var keys = stageKeys
        keys["fallback"] = [
            "type": ["array", "null"], "items": ["anyOf": [plain, long(stageKeys)]],
            "description": "who takes over when it fails, in this order",
        ]
        return ["anyOf": [plain, long(keys)]]
    }()

    /// The default in its JSON kind; nil for one that only prose can tell.
    func defaultValue(_ text: String) -> JSONValue? {
        switch self {
        case .flag: .bool(text == "true")
        case .integer: PlainNumber.integer(text).map(JSONValue.int)
        case .bytes: PlainNumber.integer(text).map(JSONValue.int) ?? .string(text)
        case .number: PlainNumber.number(text).map(JSONValue.double)
        case .words, .duration, .text(.address), .text(.optionalAddress), .text(.language): .string(text)
        case .wordList:
            .array(text.dropFirst().dropLast().split(separator: ",").map { .string($0.filter { $0 != " " }) })
        case .text, .list, .stage, .stages, .options, .section, .named, .values: nil
        }
    }
}

extension ConfigText {
    fileprivate var schema: JSONValue {
        switch self {
        case .any, .nonempty, .secret: ["type": ["string", "number", "boolean"]]
        case .path: ["type": "string", "minLength": 1]
        case .hash: .string(matching: "^sha256:[0-9A-Fa-f]{64}$|\(ConfigKind.reference)")
        case .address: .string(matching: "^[^ ]+:[0-9]{1,5}$|\(ConfigKind.reference)")
        case .optionalAddress: .string(matching: "^[^ ]+:[0-9]{1,5}$|^none$|\(ConfigKind.reference)")
        case .language: .string(matching: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$|\(ConfigKind.reference)")
        case .time:
            .string(matching: "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+([Zz]|[+-][0-9:]+)$|\(ConfigKind.reference)")
        case .url: .string(matching: "^[Hh][Tt][Tt][Pp][Ss]?://|\(ConfigKind.reference)")
        case .host: .string(matching: "^[A-Za-z0-9._-]+$|\(ConfigKind.reference)")
        case .network: .string(matching: "^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$|^loopback$|^private$|\(ConfigKind.reference)")
        case .phoneNumber:
            ["type": ["string", "integer"], "pattern": .string("^[+]?[0-9]{2,15}$|\(ConfigKind.reference)")]
        case .pathPart:
            ["type": ["string", "number"], "pattern": .string("^[A-Za-z0-9_~-]{1,64}$|\(ConfigKind.reference)")]
        }
    }
}

extension JSONValue {
    fileprivate static func string(matching pattern: String) -> JSONValue {
        ["type": "string", "pattern": .string(pattern)]
    }
}
