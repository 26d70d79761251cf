// SPDX-License-Identifier: Apache-2.0

/// One thing wrong with a configuration file, with the place and, where there is one, the fix.
package struct ConfigIssue: Hashable, Sendable, CustomStringConvertible {
    package enum Severity: String, Hashable, Sendable { case error, warning }

    package var file: String
    package var line: Int
    package var column: Int
    package var length: Int
    package var severity: Severity
    package var message: String
    package var fix: String?
    /// The line as it stands in the file; nil when it holds a secret or there is none.
    package var sourceLine: String?
    /// Where the manual tells more, `docs/CONFIG.md#limits`.
    package var docs: String?

    package init(
        file: String,
        line: Int,
        column: Int,
        length: Int = 1,
        severity: Severity = .error,
        message: String,
        fix: String? = nil,
        sourceLine: String? = nil,
        docs: String? = nil
    ) {
        self.file = file
        self.line = max(1, line)
        self.column = max(1, column)
        self.length = max(1, length)
        self.severity = severity
        self.message = message
        self.fix = fix
        self.sourceLine = sourceLine
        self.docs = docs
    }

    package var description: String { rendered(color: false) }

    /// A headline, the line with a caret under the fault, and the fix.
    package func rendered(color: Bool) -> String {
        let paint = Paint(isOn: color)
        let kind = severity == .error ? paint.red(severity.rawValue) : paint.yellow(severity.rawValue)
        var text = paint.bold("\(file):\(line):\(column): ") + kind + ": " + message.printable
        // A question is short and stands beside the caret; an instruction gets its own line.
        let isQuestion = fix?.hasSuffix("?") ?? false
        let aside = [isQuestion ? fix : nil, docs].compactMap(\.self).joined(separator: "   ").printable
        if let sourceLine {
            text += "\n" + excerpt(of: sourceLine, aside: aside, paint: paint)
        } else if let docs {
            text += "   " + docs
        }
        if let fix, !isQuestion || sourceLine == nil { text += "\n   fix: " + fix.printable }
        return text
    }

    private func excerpt(of sourceLine: String, aside: String, paint: Paint) -> String {
        let scalars = Array(sourceLine.unicodeScalars)
        // A long line is cut so that the caret stays in sight.
        let start = column > Self.widestExcerpt ? column - Self.widestExcerpt / 2 : 0
        let shown = scalars.dropFirst(start).prefix(Self.widestExcerpt)
        let caretColumn = min(column - 1 - start, shown.count)
        let caretLength = max(1, min(length, shown.count - caretColumn))
        let number = String(line)
        let margin = String(repeating: " ", count: number.count)
        let caret = "^" + String(repeating: "~", count: caretLength - 1)
        let padding = String(repeating: " ", count: max(0, caretColumn))
        let tail = aside.isEmpty ? "" : "  " + aside
        return " \(number) | \(String(String.UnicodeScalarView(shown)).printable)\n"
            + " \(margin) | \(padding)\(paint.red(caret))\(tail)"
    }

    private static let widestExcerpt = 160
}

/// ANSI colours, or none.
private struct Paint {
    let isOn: Bool

    func bold(_ text: String) -> String { wrap(text, "1") }
    func red(_ text: String) -> String { wrap(text, "1;31") }
    func yellow(_ text: String) -> String { wrap(text, "1;33") }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

extension String {
    /// One column for each scalar and nothing that a terminal would obey.
    fileprivate var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: " "
                    default: scalar
                    }
                }
            )
        )
    }
}
