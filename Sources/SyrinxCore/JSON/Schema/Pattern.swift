// SPDX-License-Identifier: Apache-2.0

/// A regular expression whose cost is bounded: text length times program size, whatever the expression.
///
/// Patterns come from plugins and the texts from callers, so a backtracking engine would let one string stall an event
/// loop. This one follows all alternatives at once (Thompson's construction). It takes the part of ECMA-262 that
/// JSON Schemas use; look-around, back references and `\b` are refused.
struct Pattern: Sendable {
    /// A text longer than this matches nothing.
    static let longestText = 8_192
    /// The largest program, after counted repetitions were unrolled.
    static let largestProgram = 2_048

    let source: String
    private let program: [PatternInstruction]

    /// Throws `schema.invalid` for an expression that is malformed, outside the subset or too large.
    init(_ source: String) throws(SyrinxError) {
        var parser = PatternParser(source)
        var compiler = PatternCompiler(source: source, largestProgram: Self.largestProgram)
        self.program = try compiler.compile(try parser.parse())
        self.source = source
    }

    /// Whether any part of the text matches, as JSON Schema defines `pattern`.
    func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars.prefix(Self.longestText + 1))
        guard scalars.count <= Self.longestText else { return false }
        var threads = ThreadList(size: program.count)
        for position in 0...scalars.count {
            if follow(0, at: position, of: scalars.count, into: &threads) { return true }
            guard position < scalars.count else { return false }
            var next = ThreadList(size: program.count)
            for counter in threads.waiting {
                guard case .take(let set) = program[counter], set.contains(scalars[position]) else { continue }
                if follow(counter + 1, at: position + 1, of: scalars.count, into: &next) { return true }
            }
            threads = next
        }
        return false
    }

    /// The instructions that wait for the next character, each once.
    private struct ThreadList {
        var waiting: [Int] = []
        var seen: [Bool]

        init(size: Int) { seen = Array(repeating: false, count: size) }
    }

    /// Adds all instructions reachable without taking a character; true when one of them is the match.
    private func follow(_ start: Int, at position: Int, of count: Int, into threads: inout ThreadList) -> Bool {
        var pending = [start]
        while let counter = pending.popLast() {
            guard !threads.seen[counter] else { continue }
            threads.seen[counter] = true
            switch program[counter] {
            case .take: threads.waiting.append(counter)
            case .fork(let target): pending += [counter + 1, target]
            case .jump(let target): pending.append(target)
            case .assertStart: if position == 0 { pending.append(counter + 1) }
            case .assertEnd: if position == count { pending.append(counter + 1) }
            case .match: return true
            }
        }
        return false
    }
}
