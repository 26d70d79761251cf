// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Reads the text of a pattern.
///
///     pattern  = item*
///     item     = word | "*" | "(" choices ")" | "[" choices "]" | "{" name ":" type "}"
///     choices  = pattern ("|" pattern)*
///
/// Words joined by "|" without spaces are choices too: `friday|saturday`.
struct PatternParser {
    /// Nesting deeper than this is a mistake.
    static let maximumDepth = 8
    static let maximumLength = 400

    private var rest: Substring

    private init(_ text: String) {
        rest = text[...]
    }

    /// Compiles a pattern; the error says what is wrong with it.
    static func parse(_ text: String) throws(PluginError) -> Pattern {
        guard text.utf8.count <= maximumLength else { throw .invalid("a pattern is too long") }
        do throws(PluginError) {
            var parser = PatternParser(text)
            let nodes = try parser.sequence(depth: 0)
            guard parser.rest.isEmpty else { throw .invalid("unexpected '\(parser.rest.prefix(1))'") }
            guard !nodes.isEmpty else { throw .invalid("it is empty") }
            return Pattern(nodes: nodes)
        } catch {
            throw .invalid("pattern '\(text)': \(error.message)")
        }
    }

    private mutating func sequence(depth: Int) throws(PluginError) -> [Pattern.Node] {
        guard depth <= Self.maximumDepth else { throw .invalid("it is nested too deeply") }
        var nodes: [Pattern.Node] = []
        while let character = rest.first, !")]".contains(character), character != "|" || depth == 0 {
            if character.isWhitespace {
                rest.removeFirst()
            } else {
                nodes += try item(character, depth: depth)
            }
        }
        return nodes
    }

    private mutating func item(_ first: Character, depth: Int) throws(PluginError) -> [Pattern.Node] {
        switch first {
        case "*":
            rest.removeFirst()
            return [.anything]
        case "(":
            return [.choice(try choices(until: ")", depth: depth) + [[]])]
        case "[":
            return [.choice(try choices(until: "]", depth: depth))]
        case "{":
            return [try capture()]
        case "}":
            throw .invalid("'}' without '{'")
        case "|":
            throw .invalid("'|' stands between words without spaces, or inside ( ) or [ ]")
        default:
            return words(isInGroup: depth > 0)
        }
    }

    private mutating func choices(until end: Character, depth: Int) throws(PluginError) -> [[Pattern.Node]] {
        rest.removeFirst()
        var choices = [try sequence(depth: depth + 1)]
        while rest.first == "|" {
            rest.removeFirst()
            choices.append(try sequence(depth: depth + 1))
        }
        guard rest.first == end else { throw .invalid("'\(end)' is missing") }
        rest.removeFirst()
        return choices
    }

    private mutating func capture() throws(PluginError) -> Pattern.Node {
        guard let end = rest.firstIndex(of: "}") else { throw .invalid("'}' is missing") }
        let parts = rest[..<end].dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let type = SlotType(rawValue: String(parts[1])) else {
            throw .invalid("'\(rest[...end])' is not {name:type}")
        }
        rest = rest[rest.index(after: end)...]
        return .capture(name: String(parts[0]), type: type)
    }

    /// A run without spaces; outside of groups, where a bar ends a choice, `a|b` in it is a choice between words.
    private mutating func words(isInGroup: Bool) -> [Pattern.Node] {
        let run = rest.prefix { !$0.isWhitespace && !"()[]{}*".contains($0) && !(isInGroup && $0 == "|") }
        rest = rest[run.endIndex...]
        let choices = run.split(separator: "|").map { Utterance.words($0).map { Pattern.Node.word($0) } }
        return choices.count > 1 ? [.choice(choices)] : choices.first ?? []
    }
}
