// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What a key of the configuration takes and means; of a group all its keys.
package struct ConfigExplain: Sendable {
    package let path: String
    package let entries: [Configuration.ManualEntry]
    /// Whether the path is that of one key.
    package let isKey: Bool

    /// - Parameter path: `limits.max_sessions`, `tenants.acme.limits` or `tenants.NAME.limits`, `limits`; nil for all.
    /// - Throws: `config.unknown_key`.
    package init(_ path: String? = nil) throws(SyrinxError) {
        self.path = path ?? ""
        let found = try Self.find((path ?? "").split(separator: ".").prefix(32).map(String.init))
        let general = found.path.joined(separator: ".")
        entries = Configuration.manual.filter {
            general.isEmpty || $0.path == general || $0.path.hasPrefix(general + ".")
        }
        isKey = found.isKey
    }

    package var text: String {
        if isKey, let entry = entries.first { return Self.text(of: entry, path) }
        let width = entries.map(\.path.count).max() ?? 0
        return entries.map { entry in
            let name = entry.path + String(repeating: " ", count: width - entry.path.count)
            return "\(name)  \(entry.meaning)" + (entry.fallback.map { " [\($0)]" } ?? "")
        }.joined(separator: "\n")
    }

    /// One object for a key, `{"keys":[…]}` for a group.
    package var json: JSONValue {
        if isKey, let entry = entries.first { return Self.json(of: entry) }
        return ["keys": .array(entries.map(Self.json))]
    }

    private static func text(of entry: Configuration.ManualEntry, _ path: String) -> String {
        let key = entry.path.split(separator: ".").last ?? ""
        let rows: [(String, String?)] = [
            ("takes", entry.takes), ("unit", entry.unit), ("default", entry.fallback),
            ("example", "\(key): \(entry.example)"), ("change", changePhrase(entry.effect)),
            ("secret", entry.isSecret ? "never shown" : nil), ("manual", "docs/CONFIG.md#\(entry.anchor)"),
        ]
        return
            (["\(path): \(entry.meaning)"]
            + rows.compactMap { name, value in
                value.map { "  \(name):\(String(repeating: " ", count: 9 - name.count))\($0)" }
            }).joined(separator: "\n")
    }

    private static func changePhrase(_ effect: ReloadEffect) -> String {
        switch effect {
        case .live: "a reload makes it hold at once"
        case .newSessions: "a reload makes it hold for new sessions"
        case .restart: "holds after a restart"
        }
    }

    private static func json(of entry: Configuration.ManualEntry) -> JSONValue {
        var members: [String: JSONValue] = [
            "path": .string(entry.path), "takes": .string(entry.takes), "meaning": .string(entry.meaning),
            "example": .string(entry.example), "change": .string(entry.effect.rawValue),
            "secret": .bool(entry.isSecret), "manual": .string("docs/CONFIG.md#\(entry.anchor)"),
        ]
        members["unit"] = entry.unit.map(JSONValue.string)
        members["default"] = entry.fallback.map(JSONValue.string)
        return .object(members)
    }
}

extension ConfigExplain {
    /// Follows a path down the tables; names become `NAME`.
    private static func find(_ parts: [String]) throws(SyrinxError) -> (path: [String], isKey: Bool) {
        var section: ConfigSection? = .root
        var names: ConfigSection?
        var isKey = false
        var mayHaveName = false
        var general: [String] = []
        for (index, part) in parts.enumerated() {
            let before = Array(parts.prefix(index))
            if let inner = names {
                (section, names) = (inner, nil)
                general.append("NAME")
                continue
            }
            // What stands for `limits.providers` explains `limits.providers.flite`.
            if mayHaveName {
                mayHaveName = false
                continue
            }
            guard let known = section else { throw unknown(part, below: before, among: []) }
            guard let field = known.field(part) else {
                throw unknown(part, below: before, among: known.fields.map(\.key))
            }
            general.append(part)
            (section, names, isKey) = (nil, nil, false)
            switch field.kind {
            case .section(let inner): section = inner
            case .named(let inner, _): names = inner
            default:
                isKey = true
                if case .values = field.kind { mayHaveName = true }
            }
        }
        return (general, isKey)
    }

    private static func unknown(_ part: String, below parents: [String], among keys: [String]) -> SyrinxError {
        let close = DidYouMean.suggestion(for: part, among: keys).map { (parents + [$0]).joined(separator: ".") }
        // Someone who knows the key but not its group.
        let elsewhere = Configuration.manual.lazy.map { $0.path.split(separator: ".") }
            .compactMap { path in path.lastIndex(of: part[...]).map { path.prefix($0 + 1).joined(separator: ".") } }
            .first
        let fix = (close ?? elsewhere).map { "did you mean `\($0)`?" }
        let place = parents.isEmpty ? "" : " in `\(parents.joined(separator: "."))`"
        return SyrinxError(
            "config.unknown_key", "there is no key `\(part.prefix(64))`\(place)",
            fix: fix
                ?? (keys.isEmpty
                    ? "it is a key itself, without keys below" : "the keys here are: \(keys.joined(separator: ", "))"))
    }
}
