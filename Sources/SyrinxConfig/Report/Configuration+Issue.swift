// SPDX-License-Identifier: Apache-2.0

extension Configuration {
    /// A fault that others found in a value, at its place in the file.
    /// - Parameter path: of a key or a name, `tenants.acme.keys.web.hash`; of a missing one the nearest around it counts.
    package func issue(at path: String, _ message: String, fix: String? = nil) -> ConfigIssue {
        let place = origin.place(of: path[...], in: .root, origin.checked) ?? SourcePlace(line: 1, column: 1)
        return origin.source.issue(at: place, message, fix: fix)
    }
}

extension ConfigOrigin {
    fileprivate func place(of path: Substring, in section: ConfigSection, _ checked: CheckedSection) -> SourcePlace? {
        let key = String(path.prefix { $0 != "." })
        guard let field = section.field(key), let node = checked.nodes[key] else { return nil }
        let rest = path.dropFirst(key.count + 1)
        guard !rest.isEmpty else { return node.place }
        switch field.kind {
        case .section(let inner): return place(of: rest, in: inner, checked.section(key)) ?? node.place
        case .named(let inner, _):
            guard let entry = entry(of: node, named: rest) else { return node.place }
            let group = checked.named(key)[entry.key] ?? CheckedSection()
            return place(of: rest.dropFirst(entry.key.count + 1), in: inner, group) ?? entry.keyPlace
        case .values: return entry(of: node, named: rest)?.value.place ?? node.place
        default: return node.place
        }
    }

    /// Some names have dots in them.
    private func entry(of node: ConfigNode, named path: Substring) -> ConfigEntry? {
        guard case .mapping(let entries) = node.content else { return nil }
        return entries.first { path == $0.key || path.hasPrefix($0.key + ".") }
    }
}
