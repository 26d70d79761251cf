// SPDX-License-Identifier: Apache-2.0

// The keywords that apply to one kind of value only (2020-12 validation 6.2 to 6.5, core 10.3).

extension SchemaValidator {
    mutating func check(
        members: [String: JSONValue],
        _ keywords: SchemaKeywords,
        _ path: JSONPath
    ) -> [SchemaIssue] {
        var issues: [SchemaIssue] = []
        for key in keywords.required where members[key] == nil {
            var issue = SchemaIssue(path: path, message: "the key `\(key)` is missing")
            issue.isMissingKey = true
            issues.append(issue)
        }
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            var isKnown = false
            if let schema = keywords.properties[key] {
                isKnown = true
                issues += check(value, against: schema, at: path.key(key))
            }
            for (pattern, schema) in keywords.patternProperties where pattern.matches(key) {
                isKnown = true
                issues += check(value, against: schema, at: path.key(key))
            }
            guard !isKnown, let additional = keywords.additionalProperties else { continue }
            if additional.keywords.fixedAnswer == false {
                issues.append(unknown(key: key, keywords, path))
            } else {
                issues += check(value, against: additional, at: path.key(key))
            }
        }
        return issues
    }

    private func unknown(key: String, _ keywords: SchemaKeywords, _ path: JSONPath) -> SchemaIssue {
        let known = keywords.properties.keys.sorted()
        let fix =
            DidYouMean.suggestion(for: key, among: known).map { "did you mean `\($0)`?" }
            ?? (known.isEmpty || known.count > 12 ? nil : "known keys: \(known.joined(separator: ", "))")
        return SchemaIssue(
            path: path.key(key),
            subject: .key,
            message: "unknown key `\(key.prefix(64))`",
            fix: fix
        )
    }

    mutating func check(
        elements: [JSONValue],
        _ keywords: SchemaKeywords,
        _ path: JSONPath
    ) -> [SchemaIssue] {
        var issues: [SchemaIssue] = []
        if let least = keywords.minItems, elements.count < least {
            issues.append(SchemaIssue(path: path, message: "expected at least \(least) items, found \(elements.count)"))
        }
        if let most = keywords.maxItems, elements.count > most {
            issues.append(SchemaIssue(path: path, message: "expected at most \(most) items, found \(elements.count)"))
            return issues
        }
        if keywords.uniqueItems {
            var seen: Set<JSONValue> = []
            for (index, element) in elements.enumerated() where !seen.insert(element.canonical).inserted {
                issues.append(SchemaIssue(path: path.index(index), message: "this item stands in the list twice"))
            }
        }
        guard let schema = keywords.items else { return issues }
        for (index, element) in elements.enumerated() {
            issues += check(element, against: schema, at: path.index(index))
        }
        return issues
    }

    func check(string: String, _ keywords: SchemaKeywords, _ path: JSONPath) -> [SchemaIssue] {
        let found = found(.string(string), keywords, path)
        // JSON Schema counts Unicode code points (validation 6.3.1).
        let length = string.unicodeScalars.count
        var expectations: [String] = []
        if let least = keywords.minLength, length < least {
            expectations.append(least == 1 ? "a text that is not empty" : "at least \(least) characters")
        }
        if let most = keywords.maxLength, length > most { expectations.append("at most \(most) characters") }
        if let pattern = keywords.pattern, !pattern.matches(string) {
            expectations.append("a text that matches `\(pattern.source)`")
        }
        if keywords.isSigningSecret, !string.isEmpty, SigningSecret.key(string) == nil {
            expectations.append("base64 behind `\(SigningSecret.prefix)`")
        }
        return expectations.map { SchemaIssue(path: path, message: "expected \($0), found \(found)") }
    }

    func check(number value: JSONValue, _ node: SchemaNode, _ path: JSONPath) -> [SchemaIssue] {
        guard let number = value.double else { return [] }
        let keywords = node.keywords
        var expectations: [String] = []
        if let least = keywords.minimum, number < least { expectations.append("at least \(least.plain)") }
        if let most = keywords.maximum, number > most { expectations.append("at most \(most.plain)") }
        if let bound = keywords.exclusiveMinimum, number <= bound { expectations.append("more than \(bound.plain)") }
        if let bound = keywords.exclusiveMaximum, number >= bound { expectations.append("less than \(bound.plain)") }
        if let factor = keywords.multipleOf, !number.isMultiple(of: factor) {
            expectations.append("a multiple of \(factor.plain)")
        }
        let found = found(value, keywords, path)
        return expectations.map { SchemaIssue(path: path, message: "expected \($0), found \(found)") }
    }
}

extension Double {
    /// Whole numbers without `.0`.
    fileprivate var plain: String { JSONValue.double(self).canonical.text }

    /// With room for the rounding of decimal fractions: 0.3 is a multiple of 0.1.
    fileprivate func isMultiple(of factor: Double) -> Bool {
        let quotient = self / factor
        return abs(quotient - quotient.rounded()) <= 1e-9 * max(1, abs(quotient))
    }
}
