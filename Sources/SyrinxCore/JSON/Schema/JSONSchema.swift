// SPDX-License-Identifier: Apache-2.0

/// The subset of JSON Schema 2020-12 that configurations and providers use.
///
/// Understood: `type`, `enum`, `const`, `properties`, `patternProperties`, `additionalProperties`, `required`, `items`,
/// `minItems`, `maxItems`, `uniqueItems`, `minLength`, `maxLength`, `pattern`, `minimum`, `maximum`, `exclusiveMinimum`,
/// `exclusiveMaximum`, `multipleOf`, `allOf`, `anyOf`, `oneOf`, `default`, `$ref` within the document and `x-secret`.
/// Other keywords are ignored.
package struct JSONSchema: Sendable {
    /// The schema as it was written, to be published.
    package let document: JSONValue
    let root: SchemaNode
    let references: [String: SchemaNode]

    /// Throws `json.invalid` for a text that is no JSON, `schema.invalid` for a keyword with a senseless value.
    package init(parsing text: String) throws(SyrinxError) {
        try self.init(try JSONValue(parsing: text))
    }

    package init(_ document: JSONValue) throws(SyrinxError) {
        var parser = SchemaParser(document)
        (root, references) = try parser.parse()
        self.document = document
    }

    /// Everything wrong with a value, in the order of its keys; empty when it is valid.
    ///
    /// Values at the paths of `hidden`, and those the schema marks as secret, never appear in a message.
    package func validate(_ value: JSONValue, hiding hidden: Set<JSONPath> = []) -> [SchemaIssue] {
        var validator = SchemaValidator(references: references, hidden: hidden)
        return validator.check(value, against: root, at: .root)
    }

    /// The value with every missing key that has a default.
    ///
    /// Objects that are missing as a whole are only added when they have a default themselves.
    package func fillingDefaults(_ value: JSONValue) -> JSONValue {
        var filler = SchemaDefaults(schema: self)
        return filler.fill(value, from: root, depth: 0)
    }

    /// Where values marked `x-secret` stand; keys and indices that vary are ``JSONPath/Component/any``.
    package var secretPaths: Set<JSONPath> {
        var finder = SecretFinder(references: references)
        finder.visit(root, at: .root)
        return finder.found
    }

    /// The keys that the root object names, for suggestions and listings.
    package var knownKeys: [String] { root.keywords.properties.keys.sorted() }

    /// Those of the elements that the list of this key takes, from the first on: valid ones, up to its `maxItems`.
    package func fitting(_ elements: [JSONValue], in key: String) -> [JSONValue] {
        guard let list = root.keywords.properties[key]?.keywords else { return elements }
        var validator = SchemaValidator(references: references, hidden: [])
        let valid = elements.filter { element in
            list.items.map { validator.check(element, against: $0, at: .root).isEmpty } ?? true
        }
        return Array(valid.prefix(list.maxItems ?? valid.count))
    }
}

/// One thing wrong with a value.
package struct SchemaIssue: Hashable, Sendable, CustomStringConvertible {
    /// Whether the key at the path is wrong, or its value.
    package enum Subject: Hashable, Sendable { case key, value }

    package var path: JSONPath
    package var subject: Subject
    /// One sentence: what is expected and what was found.
    package var message: String
    /// What to write instead, where that can be guessed.
    package var fix: String?
    /// A key that is required is not there; the path is its object's.
    package var isMissingKey = false

    package init(path: JSONPath, subject: Subject = .value, message: String, fix: String? = nil) {
        self.path = path
        self.subject = subject
        self.message = message
        self.fix = fix
    }

    package var description: String { "\(path): \(message)" + (fix.map { ", \($0)" } ?? "") }
}
