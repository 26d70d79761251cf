// SPDX-License-Identifier: Apache-2.0

/// Everything wrong with a configuration, in the order of the file.
package struct ConfigErrors: Error, Hashable, Sendable, CustomStringConvertible {
    package let issues: [ConfigIssue]

    package init(issues: [ConfigIssue]) {
        self.issues = issues.sorted { ($0.line, $0.column, $0.message) < ($1.line, $1.column, $1.message) }
    }

    package var description: String { rendered(color: false) }

    /// All issues and a last line that counts them.
    package func rendered(color: Bool) -> String {
        let errors = issues.count { $0.severity == .error }
        let warnings = issues.count - errors
        var counts = ["\(errors) \(errors == 1 ? "error" : "errors")"]
        if warnings > 0 { counts.append("\(warnings) \(warnings == 1 ? "warning" : "warnings")") }
        return (issues.map { $0.rendered(color: color) } + [counts.joined(separator: ", ")]).joined(separator: "\n")
    }
}

extension [ConfigIssue] {
    /// Nobody reads more; and each costs time and memory.
    static let most = 1000

    /// Adds one, unless there are too many already.
    mutating func report(_ issue: @autoclosure () -> ConfigIssue) {
        if count < Self.most { append(issue()) }
    }
}
