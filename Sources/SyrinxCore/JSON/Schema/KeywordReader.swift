// SPDX-License-Identifier: Apache-2.0

/// Reads the keywords of one schema that hold plain values.
struct KeywordReader {
    let members: [String: JSONValue]
    let path: JSONPath

    func readAnnotations(into keywords: inout SchemaKeywords) throws(SyrinxError) {
        let title = try string("title")
        keywords.description = try string("description")
        if keywords.description == nil { keywords.description = title }
        keywords.isSecret = try bool("x-secret")
        keywords.defaultValue = members["default"]
        keywords.constant = members["const"]?.canonical
        if let value = members["enum"] {
            guard let values = value.array, !values.isEmpty else { throw failure("enum", "a list of values") }
            keywords.enumeration = values.map(\.canonical)
        }
        keywords.types = try types()
    }

    func readValueLimits(into keywords: inout SchemaKeywords) throws(SyrinxError) {
        keywords.minimum = try number("minimum")
        keywords.maximum = try number("maximum")
        keywords.exclusiveMinimum = try number("exclusiveMinimum")
        keywords.exclusiveMaximum = try number("exclusiveMaximum")
        keywords.multipleOf = try number("multipleOf")
        if let factor = keywords.multipleOf, factor <= 0 { throw failure("multipleOf", "a number above 0") }
        keywords.minLength = try count("minLength")
        keywords.maxLength = try count("maxLength")
        keywords.minItems = try count("minItems")
        keywords.maxItems = try count("maxItems")
        keywords.uniqueItems = try bool("uniqueItems")
        if let source = try string("pattern") { keywords.pattern = try Pattern(source) }
        keywords.isSigningSecret = try string("format") == "webhook-secret"
        if let value = members["required"] {
            guard let keys = value.array, keys.allSatisfy({ $0.string != nil }) else {
                throw failure("required", "a list of keys")
            }
            keywords.required = keys.compactMap(\.string)
        }
    }

    func string(_ keyword: String) throws(SyrinxError) -> String? {
        guard let value = members[keyword] else { return nil }
        guard let string = value.string else { throw failure(keyword, "a string") }
        return string
    }

    private func bool(_ keyword: String) throws(SyrinxError) -> Bool {
        guard let value = members[keyword] else { return false }
        guard let bool = value.bool else { throw failure(keyword, "true or false") }
        return bool
    }

    private func number(_ keyword: String) throws(SyrinxError) -> Double? {
        guard let value = members[keyword] else { return nil }
        guard let number = value.double else { throw failure(keyword, "a number") }
        return number
    }

    private func count(_ keyword: String) throws(SyrinxError) -> Int? {
        guard let value = members[keyword] else { return nil }
        guard let number = value.int, number >= 0 else { throw failure(keyword, "a whole number from 0") }
        return Int(number)
    }

    private func types() throws(SyrinxError) -> [SchemaType] {
        guard let value = members["type"] else { return [] }
        let words = value.array ?? [value]
        let types = words.compactMap { $0.string.flatMap(SchemaType.init(rawValue:)) }
        guard types.count == words.count, !types.isEmpty else {
            throw failure("type", SchemaType.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return types
    }

    private func failure(_ keyword: String, _ expected: String) -> SyrinxError {
        SyrinxError("schema.invalid", "`\(keyword)` takes \(expected)", place: path.description)
    }
}
