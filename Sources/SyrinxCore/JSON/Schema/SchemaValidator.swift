// SPDX-License-Identifier: Apache-2.0

/// Walks a value and a schema side by side.
///
/// A schema may refer to itself without end, and branch while doing so; `steps` bounds the whole walk and `depth` the
/// recursion, so that a hostile schema costs a message and not a stack.
struct SchemaValidator {
    let references: [String: SchemaNode]
    let hidden: Set<JSONPath>
    private var steps = 0
    private var depth = 0

    private static let maximumSteps = 200_000
    private static let maximumDepth = 128

    init(references: [String: SchemaNode], hidden: Set<JSONPath>) {
        self.references = references
        self.hidden = hidden
    }

    mutating func check(_ value: JSONValue, against node: SchemaNode, at path: JSONPath) -> [SchemaIssue] {
        steps += 1
        depth += 1
        defer { depth -= 1 }
        guard steps <= Self.maximumSteps, depth <= Self.maximumDepth else {
            return [SchemaIssue(path: path, message: "the value or its schema is too intricate to be checked")]
        }
        let keywords = node.keywords
        if let answer = keywords.fixedAnswer {
            return answer ? [] : [SchemaIssue(path: path, message: "no value is allowed here")]
        }
        var issues: [SchemaIssue] = []
        if let reference = keywords.reference, let target = references[reference] {
            issues += check(value, against: target, at: path)
        }
        issues += checkForm(value, against: node, at: path)
        // A value of the wrong kind fails every other keyword too; one message is enough.
        guard issues.isEmpty else { return issues }
        for schema in keywords.allOf { issues += check(value, against: schema, at: path) }
        issues += checkAnyOf(value, keywords, path)
        issues += checkOneOf(value, keywords, path)
        switch value {
        case .object(let members): issues += check(members: members, keywords, path)
        case .array(let elements): issues += check(elements: elements, keywords, path)
        case .string(let string): issues += check(string: string, keywords, path)
        case .int, .double: issues += check(number: value, node, path)
        case .null, .bool: break
        }
        return issues
    }

    /// What was found, without giving away a secret.
    func found(_ value: JSONValue, _ keywords: SchemaKeywords, _ path: JSONPath) -> String {
        value.foundPhrase(isSecret: keywords.isSecret || hidden.contains(path))
    }

    /// `type`, `const` and `enum`.
    private func checkForm(_ value: JSONValue, against node: SchemaNode, at path: JSONPath) -> [SchemaIssue] {
        let keywords = node.keywords
        let plain = value.canonical
        let isWrongType = !keywords.types.isEmpty && !keywords.types.contains { $0.matches(value) }
        let isWrongValue = keywords.constant.map { $0 != plain } ?? false
        let isUnlisted = keywords.enumeration.map { !$0.contains(plain) } ?? false
        guard isWrongType || isWrongValue || isUnlisted else { return [] }
        var issue = SchemaIssue(
            path: path,
            message: "expected \(node.phrase), found \(found(value, keywords, path))"
        )
        // Common in YAML, where `voice: 1` and a pin of digits only are numbers.
        if keywords.types == [.string], value.double != nil || value.bool != nil { issue.fix = "put it in quotes" }
        if let word = value.string, !keywords.isSecret, !hidden.contains(path) {
            let words = (keywords.enumeration ?? []).compactMap(\.string)
            issue.fix = DidYouMean.suggestion(for: word, among: words).map { "did you mean `\($0)`?" }
        }
        return [issue]
    }

    private mutating func checkAnyOf(
        _ value: JSONValue,
        _ keywords: SchemaKeywords,
        _ path: JSONPath
    ) -> [SchemaIssue] {
        guard !keywords.anyOf.isEmpty else { return [] }
        var failures: [[SchemaIssue]] = []
        for schema in keywords.anyOf {
            let issues = check(value, against: schema, at: path)
            if issues.isEmpty { return [] }
            failures.append(issues)
        }
        return closest(failures, value, keywords.anyOf, keywords, path)
    }

    private mutating func checkOneOf(
        _ value: JSONValue,
        _ keywords: SchemaKeywords,
        _ path: JSONPath
    ) -> [SchemaIssue] {
        guard !keywords.oneOf.isEmpty else { return [] }
        var failures: [[SchemaIssue]] = []
        for schema in keywords.oneOf {
            let issues = check(value, against: schema, at: path)
            if !issues.isEmpty { failures.append(issues) }
        }
        switch keywords.oneOf.count - failures.count {
        case 1: return []
        case 0: return closest(failures, value, keywords.oneOf, keywords, path)
        default:
            return [
                SchemaIssue(path: path, message: "the value fits more than one of the allowed forms, it must fit one")
            ]
        }
    }

    /// The issues of the form that was probably meant: one whose own kind fits, with the fewest complaints.
    private func closest(
        _ failures: [[SchemaIssue]],
        _ value: JSONValue,
        _ forms: [SchemaNode],
        _ keywords: SchemaKeywords,
        _ path: JSONPath
    ) -> [SchemaIssue] {
        let fitting = zip(forms, failures).filter { form, _ in
            checkForm(value, against: form, at: path).isEmpty && !form.keywords.types.isEmpty
        }
        if let best = fitting.min(by: { $0.1.count < $1.1.count }) { return best.1 }
        let phrases = forms.map(\.phrase).joined(separator: " or ")
        return [SchemaIssue(path: path, message: "expected \(phrases), found \(found(value, keywords, path))")]
    }
}

extension JSONValue {
    /// A value in an error sentence: enough to recognise it, never a whole document, never a secret.
    package func foundPhrase(isSecret: Bool = false) -> String {
        switch self {
        case .null: return "nothing"
        case .array(let elements): return "a list of \(elements.count)"
        case .object: return "an object"
        case .string where isSecret: return "a string (hidden, it is a secret)"
        case .bool where isSecret, .int where isSecret, .double where isSecret: return "a hidden value"
        case .string(let string):
            return JSONValue.string(string.count > 40 ? string.prefix(40) + "…" : string).text
        case .bool, .int, .double: return "`\(text)`"
        }
    }
}
