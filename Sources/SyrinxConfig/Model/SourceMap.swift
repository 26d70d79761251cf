// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Where the parts of a JSON value stand in the file it was written in.
package struct SourceMap: Sendable {
    let text: SourceText
    private var keys: [JSONPath: SourcePlace] = [:]
    private var values: [JSONPath: SourcePlace] = [:]
    /// The values that came from the environment or from files.
    package fileprivate(set) var hidden: Set<JSONPath> = []

    init(text: SourceText) { self.text = text }

    /// The place of a value or of its key; of the nearest enclosing value for one that is missing.
    package func place(of path: JSONPath, subject: SchemaIssue.Subject = .value) -> SourcePlace? {
        if subject == .key, let place = keys[path] { return place }
        return values[path] ?? path.parent.flatMap { place(of: $0) }
    }

    mutating func add(_ keyPlace: SourcePlace?, _ node: ConfigNode, at path: JSONPath) {
        keys[path] = keyPlace
        values[path] = node.place
        switch node.content {
        case .scalar(let scalar): if scalar.isSecret { hidden.insert(path) }
        case .list(let elements):
            for (index, element) in elements.enumerated() { add(nil, element, at: path.index(index)) }
        case .mapping(let entries):
            // Block style begins at the first key; the key above it says more about what is missing inside.
            if let keyPlace { values[path] = keyPlace }
            for entry in entries { add(entry.keyPlace, entry.value, at: path.key(entry.key)) }
        }
    }

    /// The first column of a secret on a line, so that nothing from there on is shown.
    func firstSecretColumn(onLine line: Int, secrets: Set<JSONPath>) -> Int? {
        values
            .filter { path, place in place.line == line && secrets.contains { path.isInside($0) } }
            .map(\.value.column).min()
    }
}

/// The places of one stage.
struct StageSource: Sendable {
    let text: SourceText
    var provider: SourcePlace
    var config: SourceMap
    var options: SourceMap

    init(text: SourceText, provider: SourcePlace) {
        self.text = text
        self.provider = provider
        config = SourceMap(text: text)
        options = SourceMap(text: text)
    }
}

/// Which of a stage's two objects an issue is about.
package enum StagePart: String, Hashable, Sendable { case config, options }

extension StageConfig {
    /// The values that must not appear in messages, for ``JSONSchema/validate(_:hiding:)``.
    package func hidden(in part: StagePart) -> Set<JSONPath> { map(of: part).hidden }

    /// The stage with other options of its sessions laid over its own, one by one. Faults are shown in those.
    package func with(_ options: SessionOptionsConfig) -> StageConfig {
        var stage = self
        let own = self.options.object ?? [:]
        stage.options = .object(own.merging(options.value.object ?? [:]) { $1 })
        stage.source = StageSource(text: options.map.text, provider: options.map.place(of: .root) ?? source.provider)
        stage.source.options = options.map
        stage.source.options.hidden.formUnion(hidden(in: .options))
        return stage
    }

    /// A fault that a provider's schema found, at its place in the file.
    ///
    /// `secrets` are the schema's ``JSONSchema/secretPaths``: the line is shown without them.
    package func issue(
        for issue: SchemaIssue,
        in part: StagePart = .config,
        secrets: Set<JSONPath> = []
    ) -> ConfigIssue {
        let map = map(of: part)
        let place = map.place(of: issue.path, subject: issue.subject) ?? source.provider
        let message = "\(provider): \(issue.message) in \(part.rawValue)\(String(issue.path.description.dropFirst()))"
        var result = source.text.issue(at: place, message, fix: issue.fix, docs: "docs/CONFIG.md#stages")
        if let column = map.firstSecretColumn(onLine: place.line, secrets: secrets) {
            let shown = String.UnicodeScalarView(source.text.scalars(ofLine: place.line).prefix(column - 1))
            result.sourceLine = place.column <= column ? String(shown) + "***" : nil
            result.length = min(result.length, 3)
        }
        return result
    }

    /// A fault of the stage as a whole, such as a provider that no plugin registers.
    package func issue(_ message: String, fix: String? = nil) -> ConfigIssue {
        source.text.issue(at: source.provider, message, fix: fix, docs: "docs/CONFIG.md#stages")
    }

    private func map(of part: StagePart) -> SourceMap {
        switch part {
        case .config: source.config
        case .options: source.options
        }
    }
}

extension JSONPath {
    /// Whether this path is the other one or inside it, where the other may stand for many.
    func isInside(_ pattern: JSONPath) -> Bool {
        components.count >= pattern.components.count
            && zip(components, pattern.components).allSatisfy { $1 == .any || $0 == $1 }
    }
}
