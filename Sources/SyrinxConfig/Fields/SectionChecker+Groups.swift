// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

// Groups whose keys are names, and lists.

extension SectionChecker {
    mutating func checkNamed(
        _ node: ConfigNode, as section: ConfigSection, by names: ConfigNames, name: String, anchor: String
    ) -> [String: CheckedSection] {
        var result: [String: CheckedSection] = [:]
        for entry in entries(of: node, what: name, docs: anchor) ?? [] where isName(entry, names, anchor) {
            result[entry.key] = check(entry.value, as: section, name: "\(name).\(entry.key)")
        }
        return result
    }

    mutating func checkValues(
        _ node: ConfigNode, as kind: ConfigKind, by names: ConfigNames, name: String, _ anchor: String
    ) -> [String: CheckedValue] {
        var result: [String: CheckedValue] = [:]
        for entry in entries(of: node, what: name, docs: anchor) ?? [] where isName(entry, names, anchor) {
            if case .options = kind {
                result[entry.key] = checkOptions(entry)
            } else {
                result[entry.key] = checkScalar(entry.value, as: ConfigField(entry.key, kind, ""), anchor: anchor)
            }
        }
        return result
    }

    private mutating func isName(_ entry: ConfigEntry, _ names: ConfigNames, _ anchor: String) -> Bool {
        if names.allows(entry.key) { return true }
        report(at: entry.keyPlace, "`\(entry.key.prefix(64))` is not a name", fix: names.rule, anchor: anchor)
        return false
    }

    mutating func checkList(
        _ node: ConfigNode, _ field: ConfigField, of kind: ConfigKind, _ anchor: String
    ) -> CheckedValue? {
        guard case .list(let elements) = node.content else {
            report(
                at: node.place,
                "`\(field.key)` takes \(field.kind.phrase), found \(node.foundPhrase)",
                fix: listFix(node),
                anchor: anchor
            )
            return nil
        }
        if elements.isEmpty, case .wordList(_, mayBeEmpty: false) = field.kind {
            report(at: node.place, "`\(field.key)` is empty", fix: "write \(field.kind.example)", anchor: anchor)
        }
        let element = ConfigField(field.key, kind, "")
        var texts: [String] = []
        for node in elements {
            if case .scalar = node.content, !node.isEmpty {
                if case .text(let text) = checkScalar(node, as: element, anchor: anchor) { texts.append(text) }
            } else {
                report(at: node.place, "expected a text, found \(node.foundPhrase)", anchor: anchor)
            }
        }
        return .texts(texts)
    }

    private func listFix(_ node: ConfigNode) -> String {
        if case .scalar(let scalar) = node.content, !node.isEmpty, !scalar.isSecret {
            "write [\(JSONValue.string(scalar.text).text)]"
        } else {
            "write [\"…\", \"…\"]"
        }
    }
}
