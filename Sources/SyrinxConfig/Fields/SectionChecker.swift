// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// Checks nodes against the tables of fields and collects every issue; what passes goes on, so that one run names all.
struct SectionChecker {
    let source: SourceText
    var issues: [ConfigIssue] = []

    init(source: SourceText) { self.source = source }

    mutating func check(_ node: ConfigNode, as section: ConfigSection, name: String?) -> CheckedSection {
        var checked = CheckedSection()
        guard let entries = entries(of: node, what: name ?? "the file", docs: section.anchor) else { return checked }
        for entry in entries {
            guard let field = section.field(entry.key) else {
                reportUnknown(entry, in: section, name: name)
                continue
            }
            let value = field.kind.isSecret ? entry.value.hidden : entry.value
            checked.nodes[entry.key] = value
            checked.values[entry.key] = check(value, as: field, anchor: section.anchor)
        }
        for field in section.fields where field.isRequired && checked.nodes[field.key] == nil {
            let fix = "write `\(field.key): \(field.example ?? field.kind.example)`"
            report(at: node.place, "\(name ?? "the file") has no `\(field.key)`", fix: fix, anchor: section.anchor)
        }
        return checked
    }

    /// The entries of a group; an empty group is one without keys, as when all of them are commented out.
    mutating func entries(of node: ConfigNode, what: String, docs anchor: String) -> [ConfigEntry]? {
        if case .mapping(let entries) = node.content { return entries }
        guard !node.isEmpty else { return [] }
        report(at: node.place, "expected keys and values in \(what), found \(node.foundPhrase)", anchor: anchor)
        return nil
    }

    mutating func report(at place: SourcePlace, _ message: String, fix: String? = nil, anchor: String? = nil) {
        issues.report(source.issue(at: place, message, fix: fix, docs: anchor.map { "docs/CONFIG.md#\($0)" }))
    }

    private mutating func reportUnknown(_ entry: ConfigEntry, in section: ConfigSection, name: String?) {
        let known = section.fields.map(\.key)
        let place = name.map { " in \($0)" } ?? ""
        let fix: String
        if entry.key == "<<" {
            fix = "write the keys out; profiles inherit by `extends`"
        } else if let close = DidYouMean.suggestion(for: entry.key, among: known) {
            fix = "did you mean `\(close)`?"
        } else {
            fix = "the keys here are: " + known.joined(separator: ", ")
        }
        report(
            at: entry.keyPlace, "unknown key `\(entry.key.prefix(64))`\(place)", fix: fix, anchor: section.anchor)
    }

    private mutating func check(_ node: ConfigNode, as field: ConfigField, anchor: String) -> CheckedValue? {
        guard !node.isFaulty else { return nil }
        switch field.kind {
        case .section(let section): return .section(check(node, as: section, name: field.key))
        case .named(let section, let names):
            return .named(checkNamed(node, as: section, by: names, name: field.key, anchor: section.anchor))
        case .values(let kind, let names):
            return .values(checkValues(node, as: kind, by: names, name: field.key, anchor))
        case .stage: return checkStage(node, name: field.key).map(CheckedValue.stage)
        case .stages: return checkStages(node, name: field.key).map(CheckedValue.stages)
        case .options: return checkOptions(ConfigEntry(key: field.key, keyPlace: node.place, value: node))
        case .list(let form): return checkList(node, field, of: .text(form), anchor)
        case .wordList(let words, _): return checkList(node, field, of: .words(words), anchor)
        default: return checkScalar(node, as: field, anchor: anchor)
        }
    }

    mutating func checkScalar(_ node: ConfigNode, as field: ConfigField, anchor: String) -> CheckedValue? {
        guard !node.isFaulty else { return nil }
        guard case .scalar(let scalar) = node.content, !node.isEmpty else {
            let fix = node.isEmpty ? "give it a value or remove the key" : nil
            report(
                at: node.place,
                "`\(field.key)` takes \(field.kind.phrase), found \(node.foundPhrase)",
                fix: fix,
                anchor: anchor
            )
            return nil
        }
        switch ScalarCheck(field: field).check(scalar) {
        case .success(let value): return value
        case .failure(let problem):
            report(at: node.place, problem.message, fix: problem.fix, anchor: anchor)
            return nil
        }
    }
}
