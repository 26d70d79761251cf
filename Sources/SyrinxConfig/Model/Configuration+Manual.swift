// SPDX-License-Identifier: Apache-2.0

extension Configuration {
    /// One key of the file as the manual lists it.
    package struct ManualEntry: Hashable, Sendable {
        /// `limits.max_sessions`, `profiles.NAME.away`.
        package var path: String
        package var takes: String
        package var fallback: String?
        package var meaning: String
        /// The heading in docs/CONFIG.md.
        package var anchor: String
        /// As it may stand in a file.
        package var example: String
        package var unit: String?
        package var effect: ReloadEffect
        package var isSecret: Bool
    }

    /// Every key, in the order of the manual; the groups themselves are left out.
    package static var manual: [ManualEntry] { entries(of: .root, prefix: "") }

    /// The table of one heading of docs/CONFIG.md, in Markdown.
    package static func manualTable(anchor: String) -> String {
        let rows = manual.filter { $0.anchor == anchor }.map { entry in
            "| `\(entry.path)` | \(entry.takes) | \(entry.fallback.map { "`\($0)`" } ?? "") | \(entry.meaning) | \(entry.effect.phrase) |"
        }
        return (["| key | takes | default | meaning | a change holds for |", "|---|---|---|---|---|"] + rows).joined(
            separator: "\n")
    }

    private static func entries(of section: ConfigSection, prefix: String) -> [ManualEntry] {
        section.fields.flatMap { field in
            switch field.kind {
            case .section(let inner): entries(of: inner, prefix: prefix + field.key + ".")
            case .named(let inner, _): entries(of: inner, prefix: prefix + field.key + ".NAME.")
            default:
                [
                    ManualEntry(
                        path: prefix + field.key,
                        takes: field.kind.phrase,
                        fallback: field.fallback,
                        meaning: field.meaning,
                        anchor: section.anchor,
                        example: field.example ?? field.fallback ?? field.kind.example,
                        unit: field.kind.unit,
                        effect: field.effect ?? section.effect,
                        isSecret: field.kind.isSecret
                    )
                ]
            }
        }
    }
}
