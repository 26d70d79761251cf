// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

extension ConfigErrors {
    /// Warnings alone refuse nothing.
    package var isOK: Bool { !issues.contains { $0.severity == .error } }

    /// `{"ok":false,"issues":[{"file":…,"line":2,"column":5,"severity":"error","message":…,"fix":…}]}`
    package var json: JSONValue {
        let list = issues.map { issue -> JSONValue in
            [
                "file": .string(issue.file), "line": .int(Int64(issue.line)), "column": .int(Int64(issue.column)),
                "severity": .string(issue.severity.rawValue), "message": .string(issue.message),
                "fix": issue.fix.map(JSONValue.string) ?? .null,
            ]
        }
        return ["ok": .bool(isOK), "issues": .array(list)]
    }
}
