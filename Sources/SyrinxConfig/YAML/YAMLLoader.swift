// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Yams

/// Reads a text into nodes with places; references are replaced and everything YAML-specific is dealt with here.
struct YAMLLoader {
    let source: SourceText
    var references: ReferenceExpander
    private(set) var issues: [ConfigIssue] = []
    private var renamed: [DuplicateTolerantParser.Position: String] = [:]
    private var nodeCount = 0

    init(source: SourceText, references: ReferenceExpander) {
        self.source = source
        self.references = references
    }

    /// Nil when the text is empty or no YAML at all; then `issues` tells which.
    mutating func load(_ text: String) -> ConfigNode? {
        var parser = DuplicateTolerantParser(text)
        do {
            let root = try parser.parse()
            renamed = parser.renamed
            return try root.map { node throws(TooLarge) in try convert(node, depth: 0) }
        } catch let error as YamlError {
            issues.append(syntaxIssue(error))
        } catch {
            let start = SourcePlace(line: 1, column: 1)
            issues.report(source.issue(at: start, "the file is too large or nested too deep to be a configuration"))
        }
        return nil
    }

    /// Aliases let a short file stand for an endless one; the count of nodes after resolving them is bounded.
    private struct TooLarge: Error {}
    private static let mostNodes = 500_000
    static let deepestNesting = 32

    private mutating func convert(_ node: Node, depth: Int) throws(TooLarge) -> ConfigNode {
        nodeCount += 1
        guard nodeCount <= Self.mostNodes, depth <= Self.deepestNesting else { throw TooLarge() }
        switch node {
        case .scalar(let scalar): return convert(scalar)
        case .sequence(let sequence):
            refuseTag(of: sequence.tag, at: sequence.mark, usual: .seq)
            var elements: [ConfigNode] = []
            for element in sequence { elements.append(try convert(element, depth: depth + 1)) }
            return ConfigNode(place: place(of: sequence.mark, length: 1), content: .list(elements))
        case .mapping(let mapping):
            refuseTag(of: mapping.tag, at: mapping.mark, usual: .map)
            return ConfigNode(
                place: place(of: mapping.mark, length: 1),
                content: .mapping(try convertEntries(of: mapping, depth: depth))
            )
        case .alias(let alias):
            // Yams resolves aliases itself; one that is left has no node.
            return ConfigNode(place: place(of: alias.mark, length: 1), content: .mapping([]))
        }
    }

    private mutating func convertEntries(of mapping: Node.Mapping, depth: Int) throws(TooLarge) -> [ConfigEntry] {
        var entries: [ConfigEntry] = []
        var firstLines: [String: Int] = [:]
        for (keyNode, valueNode) in mapping {
            let value = try convert(valueNode, depth: depth + 1)
            guard case .scalar(let scalar) = keyNode else {
                issues.report(source.issue(at: value.place, "a key must be a word, not a list or a group"))
                continue
            }
            let position = DuplicateTolerantParser.Position(
                line: scalar.mark?.line ?? 1,
                column: scalar.mark?.column ?? 1
            )
            let key = renamed[position] ?? scalar.string
            let keyPlace = place(of: scalar.mark, length: scalar.string.unicodeScalars.count + scalar.quotes)
            if let first = firstLines[key] {
                let message = "the key `\(key)` stands here twice, first in line \(first)"
                issues.report(source.issue(at: keyPlace, message, fix: "remove one of the two"))
                continue
            }
            firstLines[key] = keyPlace.line
            entries.append(ConfigEntry(key: key, keyPlace: keyPlace, value: value))
        }
        return entries
    }

    private mutating func convert(_ scalar: Node.Scalar) -> ConfigNode {
        refuseTag(of: scalar.tag, at: scalar.mark, usual: .str)
        let width = scalar.string.unicodeScalars.prefix { $0 != "\n" }.count + scalar.quotes
        let place = place(of: scalar.mark, length: width)
        let expanded = references.expand(scalar.string)
        if let fault = expanded.fault {
            issues.report(source.issue(at: place, fault.message, fix: fault.fix, docs: "docs/CONFIG.md#references"))
        }
        let content = ConfigScalar(
            text: expanded.text,
            source: scalar.string,
            isPlain: scalar.quotes == 0,
            isSecret: expanded.isSecret,
            isFaulty: expanded.fault != nil,
            isPending: expanded.isPending
        )
        return ConfigNode(place: place, content: .scalar(content))
    }

    private mutating func refuseTag(of tag: Tag, at mark: Mark?, usual: Tag.Name) {
        // Yams gives quoted scalars the tag `str`; the others are implicit unless the file names one.
        guard tag.rawValue != Tag.Name.implicit.rawValue, tag.rawValue != usual.rawValue else { return }
        let message = "YAML tags such as `!\(tag.rawValue.split(separator: ":").last ?? "")` are not used here"
        let place = place(of: mark, length: 1)
        issues.report(source.issue(at: place, message, fix: "remove the tag"))
    }

    /// Within the line: what was escaped or folded is longer in the file than in the value, or shorter.
    private func place(of mark: Mark?, length: Int) -> SourcePlace {
        let line = mark?.line ?? 1
        let column = mark?.column ?? 1
        let room = source.scalars(ofLine: line).count - column + 1
        return SourcePlace(line: line, column: column, length: max(1, min(length, room)))
    }
}

extension Node.Scalar {
    /// The quotes around it, 0 for a plain scalar.
    fileprivate var quotes: Int {
        switch style {
        case .plain, .any: 0
        default: 2
        }
    }
}
