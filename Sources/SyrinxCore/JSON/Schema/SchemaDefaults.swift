// SPDX-License-Identifier: Apache-2.0

/// Adds the defaults of a schema to a value.
struct SchemaDefaults {
    let schema: JSONSchema
    private var steps = 0

    init(schema: JSONSchema) { self.schema = schema }

    mutating func fill(_ value: JSONValue, from node: SchemaNode, depth: Int) -> JSONValue {
        steps += 1
        // The same guard as in validation: a schema that refers to itself ends here.
        guard steps < 100_000, depth < 128 else { return value }
        let keywords = node.keywords
        var value = value
        if let reference = keywords.reference, let target = schema.references[reference] {
            value = fill(value, from: target, depth: depth + 1)
        }
        for schema in keywords.allOf { value = fill(value, from: schema, depth: depth + 1) }
        if let form = matchingForm(of: value, in: keywords) { value = fill(value, from: form, depth: depth + 1) }
        switch value {
        case .object(let members): return .object(fill(members: members, from: keywords, depth: depth + 1))
        case .array(let elements):
            guard let items = keywords.items else { return value }
            var filled: [JSONValue] = []
            for element in elements { filled.append(fill(element, from: items, depth: depth + 1)) }
            return .array(filled)
        default: return value
        }
    }

    private mutating func fill(
        members: [String: JSONValue],
        from keywords: SchemaKeywords,
        depth: Int
    ) -> [String: JSONValue] {
        var result = members
        for (key, schema) in keywords.properties {
            if let present = members[key] ?? schema.keywords.defaultValue {
                result[key] = fill(present, from: schema, depth: depth)
            }
        }
        if let additional = keywords.additionalProperties {
            for (key, value) in members where keywords.properties[key] == nil {
                result[key] = fill(value, from: additional, depth: depth)
            }
        }
        return result
    }

    private func matchingForm(of value: JSONValue, in keywords: SchemaKeywords) -> SchemaNode? {
        (keywords.anyOf + keywords.oneOf).first { form in
            var validator = SchemaValidator(references: schema.references, hidden: [])
            return validator.check(value, against: form, at: .root).isEmpty
        }
    }
}

/// Collects the places of `x-secret`.
struct SecretFinder {
    let references: [String: SchemaNode]
    private(set) var found: Set<JSONPath> = []
    /// The references on the way down: a recursive schema has no end of secrets, its first round is reported.
    private var open: Set<String> = []
    private var steps = 0

    init(references: [String: SchemaNode]) { self.references = references }

    mutating func visit(_ node: SchemaNode, at path: JSONPath) {
        steps += 1
        guard steps < 100_000 else { return }
        let keywords = node.keywords
        if keywords.isSecret { found.insert(path) }
        if let reference = keywords.reference, let target = references[reference], open.insert(reference).inserted {
            visit(target, at: path)
            open.remove(reference)
        }
        for schema in keywords.allOf + keywords.anyOf + keywords.oneOf { visit(schema, at: path) }
        for (key, schema) in keywords.properties { visit(schema, at: path.key(key)) }
        let anywhere = JSONPath(path.components + [.any])
        for schema in keywords.patternProperties.map(\.schema) { visit(schema, at: anywhere) }
        if let schema = keywords.additionalProperties { visit(schema, at: anywhere) }
        if let schema = keywords.items { visit(schema, at: anywhere) }
    }
}
