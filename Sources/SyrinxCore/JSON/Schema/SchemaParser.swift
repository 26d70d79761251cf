// SPDX-License-Identifier: Apache-2.0

/// Reads a schema document once and checks every keyword it knows, so that validation itself cannot fail.
struct SchemaParser {
    private let document: JSONValue
    private var resolved: [String: SchemaNode] = [:]
    private var pendingReferences: [String] = []

    init(_ document: JSONValue) { self.document = document }

    /// The root schema, and each referenced one by its pointer.
    mutating func parse() throws(SyrinxError) -> (root: SchemaNode, references: [String: SchemaNode]) {
        let root = try parseNode(document, at: .root)
        while let reference = pendingReferences.popLast() {
            guard resolved[reference] == nil else { continue }
            resolved[reference] = try parseNode(try target(of: reference), at: .root.key(reference))
        }
        return (root, resolved)
    }

    private mutating func parseNode(_ value: JSONValue, at path: JSONPath) throws(SyrinxError) -> SchemaNode {
        if let answer = value.bool { return SchemaNode(SchemaKeywords(fixedAnswer: answer)) }
        guard case .object(let members) = value else { throw failure("a schema is an object or a boolean", path) }
        let reader = KeywordReader(members: members, path: path)
        var keywords = SchemaKeywords()
        try reader.readAnnotations(into: &keywords)
        try reader.readValueLimits(into: &keywords)
        if let reference = try reader.string("$ref") {
            guard reference.hasPrefix("#") else {
                throw failure("only local references work, found `\(reference)`", path)
            }
            pendingReferences.append(reference)
            keywords.reference = reference
        }
        keywords.allOf = try parseList("allOf", of: members, at: path)
        keywords.anyOf = try parseList("anyOf", of: members, at: path)
        keywords.oneOf = try parseList("oneOf", of: members, at: path)
        keywords.items = try parseOptional("items", of: members, at: path)
        keywords.additionalProperties = try parseOptional("additionalProperties", of: members, at: path)
        keywords.properties = try parseProperties(of: members, at: path)
        keywords.patternProperties = try parsePatternProperties(of: members, at: path)
        return SchemaNode(keywords)
    }

    private mutating func parseOptional(
        _ keyword: String,
        of members: [String: JSONValue],
        at path: JSONPath
    ) throws(SyrinxError) -> SchemaNode? {
        guard let value = members[keyword] else { return nil }
        return try parseNode(value, at: path.key(keyword))
    }

    private mutating func parseList(
        _ keyword: String,
        of members: [String: JSONValue],
        at path: JSONPath
    ) throws(SyrinxError) -> [SchemaNode] {
        guard let value = members[keyword] else { return [] }
        let path = path.key(keyword)
        guard let schemas = value.array, !schemas.isEmpty else { throw failure("expected a list of schemas", path) }
        var nodes: [SchemaNode] = []
        for (index, schema) in schemas.enumerated() { nodes.append(try parseNode(schema, at: path.index(index))) }
        return nodes
    }

    private mutating func parseProperties(
        of members: [String: JSONValue],
        at path: JSONPath
    ) throws(SyrinxError) -> [String: SchemaNode] {
        guard let value = members["properties"] else { return [:] }
        let path = path.key("properties")
        guard let properties = value.object else { throw failure("expected an object", path) }
        var nodes: [String: SchemaNode] = [:]
        for (key, schema) in properties { nodes[key] = try parseNode(schema, at: path.key(key)) }
        return nodes
    }

    private mutating func parsePatternProperties(
        of members: [String: JSONValue],
        at path: JSONPath
    ) throws(SyrinxError) -> [(pattern: Pattern, schema: SchemaNode)] {
        guard let value = members["patternProperties"] else { return [] }
        let path = path.key("patternProperties")
        guard let properties = value.object else { throw failure("expected an object", path) }
        var nodes: [(pattern: Pattern, schema: SchemaNode)] = []
        for (source, schema) in properties.sorted(by: { $0.key < $1.key }) {
            nodes.append((try Pattern(source), try parseNode(schema, at: path.key(source))))
        }
        return nodes
    }

    /// Follows a JSON pointer (RFC 6901) from the document's root.
    private func target(of reference: String) throws(SyrinxError) -> JSONValue {
        var value = document
        for token in reference.dropFirst().split(separator: "/") {
            let key = token.replacing("~1", with: "/").replacing("~0", with: "~")
            guard let next = value[String(key)] ?? Int(key).flatMap({ value[$0] }) else {
                throw failure("the reference `\(reference)` leads nowhere", .root)
            }
            value = next
        }
        return value
    }

    private func failure(_ message: String, _ path: JSONPath) -> SyrinxError {
        SyrinxError("schema.invalid", message, place: path.description)
    }
}
