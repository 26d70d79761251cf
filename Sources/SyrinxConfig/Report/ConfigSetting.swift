// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// One key of a configuration with its value, or the name of a thing such as a tenant.
struct ConfigSetting: Sendable {
    var path: [String]
    /// Nil for a name.
    var value: JSONValue?
    /// The value as it may be shown.
    var shown: JSONValue?
    /// Nil for a default.
    var line: Int?
    /// `env:NAME`, `file:PATH`, `secret:NAME`: what the value came from.
    var references: [String] = []
    var effect: ReloadEffect

    var dotted: String { path.joined(separator: ".") }
}

/// Lists everything a configuration says, and every default where it says nothing, in the order of the manual.
///
/// Profiles show only what they set: the rest is that of the profile they extend.
struct ConfigSettingList {
    private(set) var settings: [ConfigSetting] = []

    init(_ configuration: Configuration) { add(.root, configuration.origin.checked, at: [], showsDefaults: true) }

    private mutating func add(
        _ section: ConfigSection, _ checked: CheckedSection, at path: [String], showsDefaults: Bool
    ) {
        for field in section.fields {
            let path = path + [field.key]
            switch field.kind {
            case .section(let inner): add(inner, checked.section(field.key), at: path, showsDefaults: showsDefaults)
            case .named(let inner, _):
                for (name, group) in checked.named(field.key).sorted(by: { $0.key < $1.key }) {
                    settings.append(ConfigSetting(path: path + [name], effect: inner.effect))
                    add(inner, group, at: path + [name], showsDefaults: showsDefaults && field.key != "profiles")
                }
            case .values(let kind, _):
                addValues(of: field, kind, checked, at: path, field.effect ?? section.effect)
            default:
                let effect = field.effect ?? section.effect
                if let value = checked.values[field.key], let node = checked.nodes[field.key] {
                    add(value, node, field.kind, at: path, effect)
                } else if showsDefaults, let value = field.defaultValue {
                    settings.append(ConfigSetting(path: path, value: value, shown: value, effect: effect))
                }
            }
        }
    }

    private mutating func addValues(
        of field: ConfigField, _ kind: ConfigKind, _ checked: CheckedSection, at path: [String], _ effect: ReloadEffect
    ) {
        guard case .values(let values) = checked.values[field.key],
            case .mapping(let entries) = checked.nodes[field.key]?.content
        else { return }
        for entry in entries.sorted(by: { $0.key < $1.key }) {
            guard let value = values[entry.key] else { continue }
            add(value, entry.value, kind, at: path + [entry.key], effect)
        }
    }

    private mutating func add(
        _ value: CheckedValue, _ node: ConfigNode, _ kind: ConfigKind, at path: [String], _ effect: ReloadEffect
    ) {
        settings.append(
            ConfigSetting(
                path: path, value: value.json, shown: shown(value, node, kind), line: node.place.line,
                references: Set(node.references).sorted(), effect: effect))
    }

    private func shown(_ value: CheckedValue, _ node: ConfigNode, _ kind: ConfigKind) -> JSONValue {
        if kind.isSecret || node.isSecret { return .string(SecretMask.placeholder) }
        return switch kind {
        case .stage, .stages, .options, .list, .wordList: node.shown
        default: value.json
        }
    }
}

extension ConfigField {
    /// The default in the form that a written value gets; nil for one that only prose can tell.
    fileprivate var defaultValue: JSONValue? {
        guard let fallback, let value = kind.defaultValue(fallback) else { return nil }
        guard case .success(let checked) = ScalarCheck(field: self).check(ConfigScalar(default: fallback)) else {
            return value
        }
        return checked.json
    }
}

extension ConfigScalar {
    fileprivate init(default text: String) { self.init(text: text, source: text, isPlain: true, isSecret: false) }
}

extension ConfigNode {
    /// As JSON with its secrets hidden: what came from outside the file, and what stands under a key for secrets.
    fileprivate var shown: JSONValue {
        switch content {
        case .scalar(let scalar): scalar.isSecret ? .string(SecretMask.placeholder) : scalar.jsonValue
        case .list(let elements): .array(elements.map(\.shown))
        case .mapping(let entries):
            .object(
                Dictionary(
                    entries.map { ($0.key, SecretWords.isSecret($0.key) ? $0.value.allHidden : $0.value.shown) },
                    uniquingKeysWith: { first, _ in first }))
        }
    }

    private var allHidden: JSONValue {
        switch content {
        case .scalar: .string(SecretMask.placeholder)
        case .list(let elements): .array(elements.map(\.allHidden))
        case .mapping(let entries):
            .object(Dictionary(entries.map { ($0.key, $0.value.allHidden) }, uniquingKeysWith: { first, _ in first }))
        }
    }

    fileprivate var references: [String] {
        switch content {
        case .scalar(let scalar): scalar.isSecret ? Self.references(in: scalar.source) : []
        case .list(let elements): elements.flatMap(\.references)
        case .mapping(let entries): entries.flatMap(\.value.references)
        }
    }

    /// Without their defaults, which are values.
    private static func references(in source: String) -> [String] {
        source.split(separator: "${", omittingEmptySubsequences: false).dropFirst().compactMap { part in
            guard let end = part.firstIndex(of: "}") else { return nil }
            let reference = part[..<end]
            guard ["env:", "file:", "secret:"].contains(where: reference.hasPrefix) else { return nil }
            return String(reference.firstRange(of: ":-").map { reference[..<$0.lowerBound] } ?? reference)
        }
    }
}

extension CheckedValue {
    var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .flag(let flag): .bool(flag)
        case .integer(let number): .int(number)
        case .number(let number): .double(number)
        case .duration(let duration): .string(DurationText.text(duration))
        case .texts(let texts): .array(texts.map(JSONValue.string))
        case .stage(.absent): "none"
        case .stage(.use(let stage)): stage.json
        case .stages(let stages): .array(stages.map(\.json))
        case .options(let options): options.value
        case .section, .named, .values: .null
        }
    }
}

extension StageConfig {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "provider": .string(provider.description), "config": config, "options": options,
        ]
        if !fallback.isEmpty { members["fallback"] = .array(fallback.map(\.json)) }
        return .object(members)
    }
}
