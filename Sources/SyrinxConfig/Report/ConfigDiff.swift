// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// One difference between two configurations.
package struct ConfigChange: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case added, removed, changed }

    /// `limits.max_sessions`; of what was added or removed the name, `tenants.acme`.
    package var path: String
    package var kind: Kind
    /// As they may be shown; nil for a key that is not set.
    package var old: JSONValue?
    package var new: JSONValue?
    package var effect: ReloadEffect

    /// `limits.max_sessions: 1000 → 5 (live)`, `+ tenants.acme (new sessions)`.
    package var text: String {
        switch kind {
        case .added: "+ \(path) (\(effect.phrase))"
        case .removed: "- \(path) (\(effect.phrase))"
        case .changed: "  \(path): \(oldText) → \(newText) (\(effect.phrase))"
        }
    }

    /// The values as people read them; `not set` where there is none.
    package var oldText: String { Self.text(old) }
    package var newText: String { Self.text(new) }

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "path": .string(path), "kind": .string(kind.rawValue), "effect": .string(effect.rawValue),
        ]
        members["old"] = old
        members["new"] = new
        return .object(members)
    }

    private static func text(_ value: JSONValue?) -> String {
        switch value {
        case nil: "not set"
        case .string(let text) where !text.isEmpty && !text.contains(where: { $0.isNewline || $0 == "\"" }): text
        case .some(let value): value.text
        }
    }
}

/// What changes from one configuration to another, both read from files; secrets are hidden.
package struct ConfigDiff: Sendable {
    /// By path.
    package let changes: [ConfigChange]

    package init(from old: Configuration, to new: Configuration) {
        let before = Side(old)
        let after = Side(new)
        var changes: [ConfigChange] = []
        for (path, effect) in before.names where after.names[path] == nil && !Self.isInside(path, before, after) {
            changes.append(ConfigChange(path: path.joined(separator: "."), kind: .removed, effect: effect))
        }
        for (path, effect) in after.names where before.names[path] == nil && !Self.isInside(path, after, before) {
            changes.append(ConfigChange(path: path.joined(separator: "."), kind: .added, effect: effect))
        }
        for path in Set(before.settings.keys).union(after.settings.keys) {
            let (left, right) = (before.settings[path], after.settings[path])
            guard left?.value != right?.value, let effect = (right ?? left)?.effect,
                !Self.isInside(path, before, after), !Self.isInside(path, after, before)
            else { continue }
            changes.append(
                ConfigChange(
                    path: path.joined(separator: "."), kind: .changed, old: left?.shown, new: right?.shown,
                    effect: effect))
        }
        self.changes = changes.sorted { ($0.path, $0.kind.rawValue) < ($1.path, $1.kind.rawValue) }
    }

    package var isEmpty: Bool { changes.isEmpty }

    /// A line a change, and one that counts them.
    package var text: String {
        guard !changes.isEmpty else { return "no changes" }
        let counts = ReloadEffect.allCases.compactMap { effect -> String? in
            let count = changes.count { $0.effect == effect }
            return count > 0 ? "\(count) \(effect.phrase)" : nil
        }
        let sum = "\(changes.count) \(changes.count == 1 ? "change" : "changes"): \(counts.joined(separator: ", "))"
        return (changes.map(\.text) + [sum]).joined(separator: "\n")
    }

    package var json: JSONValue { ["changes": .array(changes.map(\.json))] }

    private struct Side {
        var names: [[String]: ReloadEffect] = [:]
        var settings: [[String]: ConfigSetting] = [:]

        init(_ configuration: Configuration) {
            for setting in ConfigSettingList(configuration).settings {
                if setting.value == nil {
                    names[setting.path] = setting.effect
                } else {
                    settings[setting.path] = setting
                }
            }
        }
    }

    /// Whether a path is of a thing that the other side does not have: then that thing says it all.
    private static func isInside(_ path: [String], _ side: Side, _ other: Side) -> Bool {
        (1..<max(1, path.count)).contains { length in
            let name = Array(path.prefix(length))
            return side.names[name] != nil && other.names[name] == nil
        }
    }
}
