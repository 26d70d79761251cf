// SPDX-License-Identifier: Apache-2.0

import Yams

extension YAMLLoader {
    /// Turns a fault of the YAML syntax into an issue; libyaml's words are kept, the usual causes are named as the fix.
    func syntaxIssue(_ error: YamlError) -> ConfigIssue {
        let (place, message) = placeAndMessage(of: error)
        return source.issue(at: place, message, fix: likelyFix(at: place, message: message))
    }

    private func placeAndMessage(of error: YamlError) -> (SourcePlace, String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let setting = context.map { ", \($0.text)" } ?? ""
            return (SourcePlace(line: mark.line, column: mark.column), "this is not YAML: \(problem)\(setting)")
        case .reader(let problem, let offset, _, let yaml):
            let before = yaml.prefix(offset ?? 0).unicodeScalars
            let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
            let place = SourcePlace(line: max(1, lines.count), column: (lines.last?.count ?? 0) + 1)
            return (place, "the file holds a character that YAML does not allow: \(problem)")
        case .duplicatedKeysInMapping(let names, let context):
            let place = SourcePlace(line: context.mark.line, column: context.mark.column)
            return (place, "the key `\(names.first ?? "")` stands here twice")
        default:
            return (SourcePlace(line: 1, column: 1), "this is not YAML")
        }
    }

    private func likelyFix(at place: SourcePlace, message: String) -> String? {
        let line = source.line(place.line) ?? ""
        if line.contains("\t") { return "indent with spaces, YAML takes no tabs" }
        if line.contains("${") { return "inside { } and [ ] a reference needs quotes: \"${env:NAME}\"" }
        if message.contains("mapping values are not allowed") { return "a text with `: ` in it needs quotes" }
        if message.contains("did not find expected ','") {
            return "inside { } and [ ] a text with `: `, `,` or brackets needs quotes"
        }
        if message.contains("another document") { return "keep one document, remove the line `---`" }
        return nil
    }
}
