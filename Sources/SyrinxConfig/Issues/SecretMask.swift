// SPDX-License-Identifier: Apache-2.0

/// Hides what looks like a secret in the lines of a file, before a message shows one.
///
/// It goes by the text alone, so that it works for a file that is no YAML too; where it is in doubt it hides.
struct SecretMask {
    private typealias Scalars = [Unicode.Scalar]

    static let placeholder = "[secret]"

    let source: SourceText

    /// The line with its secrets replaced, each by as many columns, so that a caret below stays where it was.
    func masked(_ number: Int) -> String? {
        guard source.line(number) != nil else { return nil }
        var line = source.scalars(ofLine: number)
        let group = enclosingSecret(number)
        if group == .block { return Self.placeholder }
        var start = 0
        while start < line.count, let colon = Self.colon(in: line, from: start) {
            let key = Self.key(in: line, before: colon)
            let value = line[(colon + 1)...].firstIndex { $0 != " " && $0 != "\t" } ?? line.count
            start = value
            guard value < line.count, group == .group || SecretWords.isSecret(key) else { continue }
            // A group in braces: all of its values.
            if line[value] == "{" {
                start = SecretWords.groups.contains(key) ? Self.maskValues(&line, from: value + 1) : value + 1
            } else {
                start = Self.mask(&line, from: value)
            }
        }
        return String(String.UnicodeScalarView(line))
    }

    private enum Enclosing { case nothing, group, block }

    /// Whether an outer line says that this one is of a group of secrets, or of a secret text over several lines.
    private func enclosingSecret(_ number: Int) -> Enclosing {
        var indentation = Self.indentation(of: source.scalars(ofLine: number))
        var line = number - 1
        // Only outer lines decide, so that nearly all are skipped; a secret further up than that is not one of a person.
        while line >= 1, indentation > 0, number - line < 2_000 {
            let scalars = source.scalars(ofLine: line)
            line -= 1
            let outer = Self.indentation(of: scalars)
            guard outer < indentation, outer < scalars.count, scalars[outer] != "#" else { continue }
            indentation = outer
            guard let colon = Self.colon(in: scalars, from: 0) else { continue }
            let key = Self.key(in: scalars, before: colon)
            let rest = scalars[(colon + 1)...].drop { $0 == " " }
            if SecretWords.groups.contains(key) { return .group }
            if SecretWords.isSecret(key) {
                let isText = rest.first.map { $0 != "{" && $0 != "#" }
                if isText ?? (Self.colon(in: source.scalars(ofLine: number), from: 0) == nil) { return .block }
            }
            if let first = rest.first, first == "|" || first == ">" { return .nothing }
        }
        return .nothing
    }

    private static func maskValues(_ line: inout Scalars, from start: Int) -> Int {
        var start = start
        let end = line[start...].firstIndex(of: "}") ?? line.count
        while start < end, let colon = colon(in: line, from: start), colon < end {
            let value = line[(colon + 1)...].firstIndex { $0 != " " } ?? line.count
            guard value < line.count else { return line.count }
            start = mask(&line, from: value)
        }
        return max(start, end)
    }

    /// Masks the scalar that begins here; a reference stays, it tells nothing.
    /// - Returns: the column behind it.
    private static func mask(_ line: inout Scalars, from start: Int) -> Int {
        let end = self.end(of: line, from: start)
        let text = String(String.UnicodeScalarView(line[start..<end]))
        let bare = text.trimmingQuotes
        let isReference = bare.hasPrefix("${") && bare.hasSuffix("}") && !bare.contains(":-")
        guard !isReference, !bare.isEmpty, !["|", ">", "~", "null"].contains(bare) else { return end }
        let width = end - start
        let shown = width < placeholder.count ? String(repeating: "*", count: width) : placeholder
        let padding = String(repeating: " ", count: width - shown.unicodeScalars.count)
        line.replaceSubrange(start..<end, with: Array((shown + padding).unicodeScalars))
        return end
    }

    private static func end(of line: Scalars, from start: Int) -> Int {
        if line[start] == "\"" || line[start] == "'" {
            var index = start + 1
            while index < line.count {
                if line[index] == line[start] { return index + 1 }
                index += line[index] == "\\" ? 2 : 1
            }
            return line.count
        }
        if line[start] == "[" { return line[start...].firstIndex(of: "]").map { $0 + 1 } ?? line.count }
        var index = start
        while index < line.count, !isEnd(line, index) { index += 1 }
        while index > start, line[index - 1] == " " { index -= 1 }
        return max(index, start + 1)
    }

    private static func isEnd(_ line: Scalars, _ index: Int) -> Bool {
        if line[index] == "," { return index + 1 >= line.count || line[index + 1] == " " }
        return line[index] == "#" && index > 0 && line[index - 1] == " "
    }

    /// A colon that ends a key.
    private static func colon(in line: Scalars, from start: Int) -> Int? {
        line.indices.dropFirst(start).first { index in
            line[index] == ":" && index > 0
                && (index + 1 == line.count || " \t\"'{[".unicodeScalars.contains(line[index + 1]))
        }
    }

    private static func key(in line: Scalars, before colon: Int) -> String {
        var end = colon
        while end > 0, " \t\"'".unicodeScalars.contains(line[end - 1]) { end -= 1 }
        var start = end
        while start > 0,
            line[start - 1].properties.isAlphabetic || "_-.0123456789".unicodeScalars.contains(line[start - 1])
        { start -= 1 }
        return String(String.UnicodeScalarView(line[start..<end]))
    }

    private static func indentation(of line: Scalars) -> Int { line.prefix { $0 == " " || $0 == "\t" }.count }
}

extension String {
    fileprivate var trimmingQuotes: Substring {
        let isQuoted = utf8.count >= 2 && first == last && (first == "\"" || first == "'")
        return isQuoted ? dropFirst().dropLast() : self[...]
    }
}
