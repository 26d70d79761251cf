// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The secrets of one provider's configuration. The plugin gets `${secret:NAME}` in their place; what they are is put in
/// at the socket.
struct ProviderSecrets: Sendable {
    private var values: [String: String] = [:]
    private static let opening = "${secret:"

    /// Takes the strings that the schema marks `x-secret` out of a configuration.
    /// - Returns: the secrets, and what the plugin may see.
    static func split(_ configuration: JSONValue, by schema: JSONSchema) -> (ProviderSecrets, JSONValue) {
        var secrets = ProviderSecrets()
        var visible = configuration
        for path in schema.secretPaths {
            visible = secrets.take(from: visible, along: path.components[...], name: "")
        }
        return (secrets, visible)
    }

    var isEmpty: Bool { values.isEmpty }
    var all: [String] { Array(values.values) }

    /// The text with every reference replaced; nil when one names no secret.
    func filled(_ text: String) -> String? {
        guard text.contains(Self.opening) else { return text }
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: Self.opening) {
            let after = rest[start.upperBound...]
            guard let end = after.firstIndex(of: "}"), let value = values[String(after[..<end])] else { return nil }
            result += rest[..<start.lowerBound]
            result += value
            rest = after[after.index(after: end)...]
        }
        return result + rest
    }

    /// Whether the text is one reference and nothing else.
    func isReference(_ text: String) -> Bool {
        guard text.hasPrefix(Self.opening), text.hasSuffix("}") else { return false }
        return values[String(text.dropFirst(Self.opening.count).dropLast())] != nil
    }

    private mutating func take(
        from value: JSONValue, along path: ArraySlice<JSONPath.Component>, name: String
    ) -> JSONValue {
        guard let step = path.first else { return reference(value, name) }
        let rest = path.dropFirst()
        switch (value, step) {
        case (.object(var members), .key(let key)):
            guard let member = members[key] else { return value }
            members[key] = take(from: member, along: rest, name: joined(name, key))
            return .object(members)
        case (.object(let members), .any):
            var taken = members
            for (key, member) in members { taken[key] = take(from: member, along: rest, name: joined(name, key)) }
            return .object(taken)
        case (.array(let elements), .any):
            var taken: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                taken.append(take(from: element, along: rest, name: joined(name, "\(index)")))
            }
            return .array(taken)
        case (.array(var elements), .index(let index)):
            guard elements.indices.contains(index) else { return value }
            elements[index] = take(from: elements[index], along: rest, name: joined(name, "\(index)"))
            return .array(elements)
        default: return value
        }
    }

    /// An empty secret stays empty, so that a plugin can see that there is none.
    private mutating func reference(_ value: JSONValue, _ name: String) -> JSONValue {
        guard let text = value.string, !text.isEmpty else { return value }
        values[name] = text
        return .string("\(Self.opening)\(name)}")
    }

    private func joined(_ name: String, _ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }
}
