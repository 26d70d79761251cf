// SPDX-License-Identifier: Apache-2.0

/// A stretch of one line; lines and columns count from one, columns in Unicode scalars as libyaml counts them.
package struct SourcePlace: Hashable, Sendable {
    package var line: Int
    package var column: Int
    /// How much the caret underlines.
    package var length: Int

    package init(line: Int, column: Int, length: Int = 1) {
        self.line = line
        self.column = column
        self.length = length
    }
}

/// A file's name and its lines, shared by all places in it.
final class SourceText: Sendable {
    let file: String
    private let lines: [[Unicode.Scalar]]

    init(_ text: String, file: String) {
        self.file = file
        lines = Self.split(text)
    }

    /// The scalars of a line, empty beyond the end: libyaml puts some faults on the line after the last.
    func scalars(ofLine line: Int) -> [Unicode.Scalar] {
        lines.indices.contains(line - 1) ? lines[line - 1] : []
    }

    func line(_ line: Int) -> String? {
        guard lines.indices.contains(line - 1) else { return nil }
        return String(String.UnicodeScalarView(lines[line - 1]))
    }

    func issue(
        at place: SourcePlace,
        _ message: String,
        fix: String? = nil,
        docs: String? = nil
    ) -> ConfigIssue {
        ConfigIssue(
            file: file,
            line: place.line,
            column: place.column,
            length: place.length,
            message: message,
            fix: fix,
            sourceLine: SecretMask(source: self).masked(place.line),
            docs: docs
        )
    }

    /// libyaml ends a line at all of these (YAML 1.1 4.2), so a split at `\n` alone would shift the places.
    private static func split(_ text: String) -> [[Unicode.Scalar]] {
        var lines: [[Unicode.Scalar]] = [[]]
        var afterReturn = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where afterReturn: break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lines.append([])
            default: lines[lines.count - 1].append(scalar)
            }
            afterReturn = scalar == "\r"
        }
        return lines
    }
}
