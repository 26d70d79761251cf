// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxConfig

func parse(_ text: String, environment: [String: String] = [:]) throws(ConfigErrors) -> Configuration {
    try Configuration.parse(text: text, file: "syrinx.yaml", environment: environment)
}

/// The issues of a text, empty when it is valid.
func issues(_ text: String, environment: [String: String] = [:]) -> [ConfigIssue] {
    do throws(ConfigErrors) {
        _ = try parse(text, environment: environment)
        return []
    } catch {
        return error.issues
    }
}

/// Headlines without the file's name: `3:5: unknown key …`.
func headlines(_ text: String, environment: [String: String] = [:]) -> [String] {
    issues(text, environment: environment).map { "\($0.line):\($0.column): \($0.message)" }
}

enum Repository {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The sample with all settings in comments made real.
    static func fullSample() throws -> String {
        try text("etc/syrinx.yaml").split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard let mark = line.firstIndex(of: "#"), line[..<mark].allSatisfy({ $0 == " " }),
                let next = line[line.index(after: mark)...].first, next != " "
            else { return String(line) }
            return String(line[..<mark] + line[line.index(after: mark)...])
        }.joined(separator: "\n")
    }
}
