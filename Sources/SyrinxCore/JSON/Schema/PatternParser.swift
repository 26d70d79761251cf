// SPDX-License-Identifier: Apache-2.0

/// A regular expression as a tree.
indirect enum PatternNode: Sendable {
    case set(ScalarSet)
    case start
    case end
    case sequence([PatternNode])
    case choice([PatternNode])
    case repetition(PatternNode, least: Int, most: Int?)
}

/// A set of characters: ranges, or everything but them.
struct ScalarSet: Sendable {
    var ranges: [ClosedRange<UInt32>]
    var negated = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } != negated
    }

    static let digit = ScalarSet(ranges: [0x30...0x39])
    static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = ScalarSet(
        ranges: [
            0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x2000...0x200A, 0x2028...0x2029, 0x3000...0x3000, 0xFEFF...0xFEFF,
        ])
    static let dot = ScalarSet(ranges: [0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029], negated: true)

    /// The ranges written out, so that a negated class can stand inside another class.
    var positiveRanges: [ClosedRange<UInt32>] {
        guard negated else { return ranges }
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        return next <= 0x10FFFF ? result + [next...0x10FFFF] : result
    }
}

/// Reads the subset of ECMA-262 expressions that ``Pattern`` runs.
struct PatternParser {
    private let source: String
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    init(_ source: String) {
        self.source = source
        scalars = Array(source.unicodeScalars)
    }

    mutating func parse() throws(SyrinxError) -> PatternNode {
        let node = try parseChoice()
        guard position == scalars.count else { throw failure("unexpected `)`") }
        return node
    }

    private mutating func parseChoice() throws(SyrinxError) -> PatternNode {
        var branches = [try parseSequence()]
        while take("|") { branches.append(try parseSequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func parseSequence() throws(SyrinxError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let next = peek(), next != "|", next != ")" {
            let atom = try parseAtom()
            nodes.append(try parseRepetition(of: atom))
        }
        return .sequence(nodes)
    }

    private mutating func parseRepetition(of atom: PatternNode) throws(SyrinxError) -> PatternNode {
        let result: PatternNode
        switch peek() {
        case "*": result = .repetition(atom, least: 0, most: nil)
        case "+": result = .repetition(atom, least: 1, most: nil)
        case "?": result = .repetition(atom, least: 0, most: 1)
        case "{": result = try parseCounts(of: atom)
        default: return atom
        }
        position += 1
        // Greedy or lazy makes no difference to whether a text matches.
        _ = take("?")
        return result
    }

    /// Stops on the closing brace.
    private mutating func parseCounts(of atom: PatternNode) throws(SyrinxError) -> PatternNode {
        position += 1
        guard let least = parseCount() else { throw failure("expected a count after `{`") }
        var most: Int? = least
        if take(",") { most = parseCount() }
        guard peek() == "}", most.map({ $0 >= least }) ?? true else { throw failure("malformed count `{m,n}`") }
        return .repetition(atom, least: least, most: most)
    }

    private mutating func parseCount() -> Int? {
        let start = position
        while let next = peek(), ScalarSet.digit.contains(next), position - start < 4 { position += 1 }
        return Int(String(String.UnicodeScalarView(scalars[start..<position])))
    }

    private mutating func parseAtom() throws(SyrinxError) -> PatternNode {
        guard let next = peek() else { throw failure("unexpected end") }
        position += 1
        switch next {
        case "^": return .start
        case "$": return .end
        case ".": return .set(.dot)
        case "[": return .set(try parseClass())
        case "\\": return .set(try parseEscape())
        case "(": return try parseGroup()
        case "*", "+", "?", "{": throw failure("nothing to repeat before `\(next)`")
        default: return .set(ScalarSet(ranges: [next.value...next.value]))
        }
    }

    private mutating func parseGroup() throws(SyrinxError) -> PatternNode {
        depth += 1
        guard depth <= 32 else { throw failure("groups nest too deep") }
        if take("?") { guard take(":") else { throw failure("look-around and named groups are not supported") } }
        let node = try parseChoice()
        guard take(")") else { throw failure("a group is not closed") }
        depth -= 1
        return node
    }

    private mutating func parseClass() throws(SyrinxError) -> ScalarSet {
        var set = ScalarSet(ranges: [], negated: take("^"))
        while let next = peek(), next != "]" {
            let low = try parseClassMember()
            guard low.isSingle, peek() == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                set.ranges += low.positiveRanges
                continue
            }
            position += 1
            let high = try parseClassMember()
            guard high.isSingle, low.first <= high.first else { throw failure("malformed range in a class") }
            set.ranges.append(low.first...high.first)
        }
        guard take("]") else { throw failure("a class is not closed") }
        return set
    }

    private mutating func parseClassMember() throws(SyrinxError) -> ScalarSet {
        guard let next = peek() else { throw failure("a class is not closed") }
        position += 1
        return next == "\\" ? try parseEscape() : ScalarSet(ranges: [next.value...next.value])
    }

    private mutating func parseEscape() throws(SyrinxError) -> ScalarSet {
        guard let next = peek() else { throw failure("a lone `\\` at the end") }
        position += 1
        switch next {
        case "d": return .digit
        case "D": return ScalarSet(ranges: ScalarSet.digit.ranges, negated: true)
        case "w": return .word
        case "W": return ScalarSet(ranges: ScalarSet.word.ranges, negated: true)
        case "s": return .space
        case "S": return ScalarSet(ranges: ScalarSet.space.ranges, negated: true)
        case "n": return ScalarSet(ranges: [0x0A...0x0A])
        case "r": return ScalarSet(ranges: [0x0D...0x0D])
        case "t": return ScalarSet(ranges: [0x09...0x09])
        case "x": return try parseHex(digits: 2)
        case "u": return try parseHex(digits: 4)
        default:
            guard !ScalarSet.word.contains(next) else { throw failure("the escape `\\\(next)` is not supported") }
            return ScalarSet(ranges: [next.value...next.value])
        }
    }

    private mutating func parseHex(digits: Int) throws(SyrinxError) -> ScalarSet {
        let text = String(String.UnicodeScalarView(scalars[position...].prefix(digits)))
        guard text.unicodeScalars.count == digits, text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16)
        else { throw failure("expected \(digits) hexadecimal digits") }
        position += digits
        return ScalarSet(ranges: [value...value])
    }

    private func peek() -> Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        position += 1
        return true
    }

    private func failure(_ message: String) -> SyrinxError {
        SyrinxError("schema.invalid", "in the pattern `\(source.prefix(80))`, at character \(position + 1): \(message)")
    }
}

extension ScalarSet {
    fileprivate var isSingle: Bool { !negated && ranges.count == 1 && ranges[0].count == 1 }
    fileprivate var first: UInt32 { ranges[0].lowerBound }
}
