// SPDX-License-Identifier: Apache-2.0

/// One key of a configuration: how it is read, and how it is written. A table of these is the whole format, so that
/// reading, writing and the check for unknown keys cannot disagree.
struct ConfigField<Root>: @unchecked Sendable {
    /// A value could not be read; the sentence says what is wanted.
    struct Problem: Error {
        var message: String
    }

    let key: String
    let read: (inout Root, ConfigValue) throws -> Void
    let write: (Root) -> ConfigValue

    init<Value>(
        _ key: String, _ path: WritableKeyPath<Root, Value>, read: @escaping (ConfigValue) throws -> Value,
        write: @escaping (Value) -> ConfigValue
    ) {
        self.key = key
        self.read = { root, value in root[keyPath: path] = try read(value) }
        self.write = { write($0[keyPath: path]) }
    }

    /// Sets every known key of an object; whatever is wrong becomes an issue.
    static func apply(
        _ fields: [Self], _ value: ConfigValue, to root: inout Root, at path: String, _ issues: inout [ConfigIssue]
    ) {
        guard let members = value.object else {
            return issues.append(ConfigIssue(path.isEmpty ? "$" : path, "an object is wanted, not \(value.phrase)"))
        }
        let prefix = path.isEmpty ? "" : "\(path)."
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let field = fields.first(where: { $0.key == key }) else {
                let guess = Words.suggestion(for: key, among: fields.map(\.key))
                issues.append(ConfigIssue(prefix + key, "there is no such key\(guess)"))
                continue
            }
            do {
                try field.read(&root, value)
            } catch let problem as Problem {
                issues.append(ConfigIssue(prefix + key, problem.message))
            } catch let error as VoiceBackendError {
                for (inner, message) in error.details {
                    issues.append(ConfigIssue("\(prefix)\(key).\(inner)", message))
                }
            } catch {
                issues.append(ConfigIssue(prefix + key, "\(error)"))
            }
        }
    }

    static func object(_ fields: [Self], of root: Root) -> ConfigValue {
        .object(Dictionary(fields.map { ($0.key, $0.write(root)) }, uniquingKeysWith: { $1 }))
    }
}

// MARK: kinds of values

extension ConfigField {
    static func text(_ key: String, _ path: WritableKeyPath<Root, String>) -> Self {
        Self(key, path, read: Read.text, write: ConfigValue.string)
    }

    static func text(_ key: String, _ path: WritableKeyPath<Root, String?>) -> Self {
        Self(key, path, read: { $0 == .null ? nil : try Read.text($0) }, write: { $0.map(ConfigValue.string) ?? .null })
    }

    static func flag(_ key: String, _ path: WritableKeyPath<Root, Bool>) -> Self {
        Self(
            key, path,
            read: { value in
                guard case .bool(let flag) = value else { throw Read.problem("true or false", value) }
                return flag
            }, write: ConfigValue.bool)
    }

    static func count(_ key: String, _ path: WritableKeyPath<Root, Int>) -> Self {
        Self(
            key, path,
            read: { value in
                guard case .int(let number) = value else { throw Read.problem("a whole number", value) }
                return Int(number)
            }, write: { .int(Int64($0)) })
    }

    static func duration(_ key: String, _ path: WritableKeyPath<Root, Duration>) -> Self {
        Self(key, path, read: Read.duration, write: { .string(DurationText.text($0)) })
    }

    static func duration(_ key: String, _ path: WritableKeyPath<Root, Duration?>) -> Self {
        Self(
            key, path, read: { $0 == .null ? nil : try Read.duration($0) },
            write: { $0.map { .string(DurationText.text($0)) } ?? .null })
    }

    static func word<Word: RawRepresentable & CaseIterable>(
        _ key: String, _ path: WritableKeyPath<Root, Word>
    ) -> Self where Word.RawValue == String {
        Self(
            key, path,
            read: { value in
                guard let word = value.string.flatMap(Word.init(rawValue:)) else {
                    throw Read.problem("one of " + Word.allCases.map(\.rawValue).joined(separator: ", "), value)
                }
                return word
            }, write: { .string($0.rawValue) })
    }

    static func object(_ key: String, _ path: WritableKeyPath<Root, ConfigValue>) -> Self {
        Self(key, path, read: Read.object, write: { $0 })
    }

    static func texts(_ key: String, _ path: WritableKeyPath<Root, [String]>) -> Self {
        Self(
            key, path,
            read: { value in
                guard case .array(let elements) = value else { throw Read.problem("a list of texts", value) }
                return try elements.map(Read.text)
            }, write: { .array($0.map(ConfigValue.string)) })
    }

    enum Read {
        static func problem(_ wanted: String, _ found: ConfigValue) -> Problem {
            Problem(message: "\(wanted) is wanted, not `\(found)`")
        }

        static func text(_ value: ConfigValue) throws -> String {
            guard let text = value.string else { throw problem("text", value) }
            return text
        }

        static func object(_ value: ConfigValue) throws -> ConfigValue {
            guard value.object != nil else { throw problem("an object", value) }
            return value
        }

        /// A bare number is refused with the fix: whether 30 means seconds or minutes is not for us to guess.
        static func duration(_ value: ConfigValue) throws -> Duration {
            switch value {
            case .int, .double:
                throw Problem(
                    message: "a duration needs its unit: write \"\(value)ms\" or \"\(value)s\" instead of \(value)")
            case .string(let text):
                if let duration = DurationText.parse(text) { return duration }
                throw Problem(message: "`\(text)` is no duration; write it like \"500ms\", \"1.5s\" or \"30m\"")
            default: throw problem("a duration like \"500ms\"", value)
            }
        }
    }
}
