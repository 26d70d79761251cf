// SPDX-License-Identifier: Apache-2.0

import Yams

/// Yams stops at the first duplicate key of a file.
///
/// To report all of them, together with every other fault, each duplicate it names is renamed in the text, without
/// moving anything, and the text is read again.
struct DuplicateTolerantParser {
    struct Position: Hashable {
        let line: Int
        let column: Int
    }

    /// The true names of the keys that were renamed.
    private(set) var renamed: [Position: String] = [:]
    private var scalars: [Unicode.Scalar]

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// Nil for a file without content.
    mutating func parse() throws -> Node? {
        for _ in 0..<mostRounds {
            do {
                return try Self.compose(scalars)
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                guard rename(at: context.mark, from: names.first) else {
                    throw YamlError.duplicatedKeysInMapping(duplicates: names, context: context)
                }
            }
        }
        return try Self.compose(scalars)
    }

    /// The resolver is the empty one and the encoding fixed: neither YAML 1.1's guesses nor an environment variable
    /// have a say.
    private static func compose(_ scalars: [Unicode.Scalar]) throws -> Node? {
        let text = String(String.UnicodeScalarView(scalars))
        return try Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8).singleRoot()
    }

    /// Replaces the first letter of a key by a private-use character that no key has.
    private mutating func rename(at mark: Mark, from name: String?) -> Bool {
        guard let name, var index = offset(of: mark) else { return false }
        if scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        guard index < scalars.count, scalars[index].properties.isAlphabetic || scalars[index] == "_",
            let replacement = Unicode.Scalar(0xE000 + UInt32(renamed.count))
        else { return false }
        scalars[index] = replacement
        return renamed.updateValue(name, forKey: Position(line: mark.line, column: mark.column)) == nil
    }

    private func offset(of mark: Mark) -> Int? {
        var line = 1
        var index = 0
        while line < mark.line, index < scalars.count {
            let isPair = scalars[index] == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n"
            if !isPair, ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalars[index]) { line += 1 }
            index += 1
        }
        index += mark.column - 1
        return scalars.indices.contains(index) ? index : nil
    }

    /// Each duplicate costs one more reading; a huge file full of them gets few rounds, and then its first error only.
    private var mostRounds: Int { min(64, max(2, (1 << 19) / max(1, scalars.count))) }
}
