// SPDX-License-Identifier: Apache-2.0

/// One schema of a JSON Schema document, with its keywords checked and typed.
final class SchemaNode: Sendable {
    let keywords: SchemaKeywords

    init(_ keywords: SchemaKeywords) { self.keywords = keywords }
}

/// The keywords that ``JSONSchema`` understands.
struct SchemaKeywords: Sendable {
    /// For `true` and `false` as schemas.
    var fixedAnswer: Bool?
    var reference: String?
    var types: [SchemaType] = []
    var enumeration: [JSONValue]?
    var constant: JSONValue?
    var defaultValue: JSONValue?
    var description: String?
    var isSecret = false

    var allOf: [SchemaNode] = []
    var anyOf: [SchemaNode] = []
    var oneOf: [SchemaNode] = []

    var properties: [String: SchemaNode] = [:]
    var patternProperties: [(pattern: Pattern, schema: SchemaNode)] = []
    var additionalProperties: SchemaNode?
    var required: [String] = []

    var items: SchemaNode?
    var minItems: Int?
    var maxItems: Int?
    var uniqueItems = false

    var minLength: Int?
    var maxLength: Int?
    var pattern: Pattern?
    /// `format: webhook-secret`, the only format that is more than a remark here.
    var isSigningSecret = false

    var minimum: Double?
    var maximum: Double?
    var exclusiveMinimum: Double?
    var exclusiveMaximum: Double?
    var multipleOf: Double?
}

/// The words that `type` takes.
enum SchemaType: String, Sendable, CaseIterable {
    case null, boolean, integer, number, string, array, object

    func matches(_ value: JSONValue) -> Bool {
        switch self {
        case .null: value.isNull
        case .boolean: value.bool != nil
        case .integer: value.int != nil || value.double.map { $0 == $0.rounded() } ?? false
        case .number: value.double != nil
        case .string: value.string != nil
        case .array: value.array != nil
        case .object: value.object != nil
        }
    }

    /// With its article, for a sentence.
    var phrase: String {
        switch self {
        case .null: "null"
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension SchemaNode {
    /// What a value must be, for a sentence: `a number`, `` one of `a`, `b` ``.
    var phrase: String {
        if let constant = keywords.constant { return "`\(constant.plainText)`" }
        if let enumeration = keywords.enumeration {
            let words = enumeration.map { "`\($0.plainText)`" }
            return words.count == 1 ? words[0] : "one of " + words.joined(separator: ", ")
        }
        guard !keywords.types.isEmpty else { return keywords.description ?? "another form" }
        return keywords.types.map(\.phrase).joined(separator: " or ")
    }
}

extension JSONValue {
    /// The value as people write it: strings without quotes.
    var plainText: String { string ?? text }

    /// The same value with whole doubles as integers: JSON Schema compares numbers by value (2020-12 core 4.2.2).
    var canonical: JSONValue {
        switch self {
        case .double(let value): Int64(exactly: value).map(JSONValue.int) ?? self
        case .array(let elements): .array(elements.map(\.canonical))
        case .object(let members): .object(members.mapValues(\.canonical))
        default: self
        }
    }
}
