// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What a provider may be configured with, read from the JSON Schema that its plugin brings.
public struct ConfigSchema: Sendable, Hashable {
    /// One key.
    public struct Field: Sendable, Hashable {
        /// The key.
        public var name: String
        /// `string`, `integer`, `number`, `boolean`, `array`, `object`; several joined by ` or `; `any` when open.
        public var type: String
        /// What it is for; empty when the plugin does not say.
        public var description: String
        /// Whether it must be given.
        public var isRequired: Bool
        /// What it is when it is not given.
        public var defaultValue: ConfigValue?
    }

    /// All keys by name, sorted.
    public var fields: [Field]
    /// The whole JSON Schema (2020-12), for tools that want more than the fields.
    public var jsonSchema: String

    init(_ schema: JSONSchema, text: String) {
        let required = Set((schema.document["required"]?.array ?? []).compactMap(\.string))
        let properties = schema.document["properties"]?.object ?? [:]
        fields = properties.sorted { $0.key < $1.key }.map { name, property in
            Field(
                name: name, type: Self.type(property), description: property["description"]?.string ?? "",
                isRequired: required.contains(name), defaultValue: property["default"].map(ConfigValue.init))
        }
        jsonSchema = text
    }

    private static func type(_ property: JSONValue) -> String {
        if let type = property["type"]?.string { return type }
        let types = (property["type"]?.array ?? []).compactMap(\.string)
        return types.isEmpty ? "any" : types.joined(separator: " or ")
    }
}

/// What a provider can do.
public struct ProviderCapabilities: Sendable, Hashable {
    /// The provider's id, with its version.
    public var reference: String
    /// Its name for people.
    public var name: String
    /// Who made it.
    public var vendor: String
    /// How many sessions it serves at once; nil = no limit.
    public var maxSessions: Int?
    /// Sample rates in Hz that it takes; empty = any.
    public var sampleRates: [Int]
    /// Languages, BCP 47; `*` = any.
    public var languages: [String]
    /// Whether it answers while it still listens.
    public var isStreaming: Bool
    /// All that the plugin says of itself.
    public var all: ConfigValue
}
