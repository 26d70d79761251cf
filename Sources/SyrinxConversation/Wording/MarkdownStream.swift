// SPDX-License-Identifier: Apache-2.0

/// Leaves out the marks of Markdown and keeps the words: headings, bullets, quotes, rules, emphasis, code, and where
/// links lead. What may become a mark is held back until it is known, at most `longestLink` scalars.
struct MarkdownStream: Sendable, Equatable {
    /// What becomes of the scalars at the front.
    enum Step: Equatable {
        case keep(Int)
        case drop(Int)
        /// The rest decides.
        case wait
    }

    static let longestLink = 200
    static let longestRun = 80
    private static let longestDestination = 2048
    private static let punctuation = Set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".unicodeScalars)

    private var pending: [Unicode.Scalar] = []
    private var position = 0
    /// Before `position`; nil at the beginning.
    private var previous: Unicode.Scalar?
    /// Nothing but blanks and marks stands before it in its line.
    private var isLineStart = true
    /// The rest of the line belongs to the fence of a block of code.
    private var isFence = false
    /// Scalars of a link's words that are left, then comes where it leads.
    private var linkWords: Int?
    /// Parentheses that are open in where a link leads, and scalars of it so far.
    private var depth = 0
    private var destination = 0
    private var isAutolink = false
    private var isEscaped = false

    mutating func append(_ text: String) -> String {
        pending.append(contentsOf: text.unicodeScalars)
        return run(isComplete: false)
    }

    mutating func finish() -> String { run(isComplete: true) }

    private mutating func run(isComplete: Bool) -> String {
        var result = String.UnicodeScalarView()
        while position < pending.count {
            switch step(isComplete) {
            case .keep(let count):
                result.append(contentsOf: pending[position..<position + count])
                isLineStart = pending[position] == "\n" || (isLineStart && isBlank(pending[position]))
                advance(count)
            case .drop(let count): advance(count)
            case .wait:
                pending.removeFirst(position)
                position = 0
                return String(result)
            }
        }
        pending.removeAll(keepingCapacity: true)
        position = 0
        return String(result)
    }

    private mutating func advance(_ count: Int) {
        position += count
        previous = pending[position - 1]
        if let left = linkWords { linkWords = left - count }
    }

    // MARK: Deciding

    private mutating func step(_ isComplete: Bool) -> Step {
        let scalar = pending[position]
        if isEscaped {
            isEscaped = false
            return .keep(1)
        }
        if let left = linkWords, left <= 0 { return beginDestination() }
        if depth > 0, let step = withinDestination(scalar) { return step }
        if isFence {
            isFence = scalar != "\n"
            return isFence ? .drop(1) : .keep(1)
        }
        if isLineStart, let step = atLineStart(scalar, isComplete) { return step }
        switch scalar {
        case "\n":
            isAutolink = false
            return .keep(1)
        case "\\": return escape(isComplete)
        case "`": return .drop(1)
        case "*", "_": return emphasis(scalar, isComplete)
        case "~":
            let run = length(of: scalar)
            if isOpen(run, isComplete) { return .wait }
            return run > 1 ? .drop(run) : .keep(run)
        // Of an image the words are kept. Behind a word it ends a sentence, and must not be waited for.
        case "!" where isSpace(previous):
            guard let next = at(1) else { return isComplete ? .keep(1) : .wait }
            return next == "[" ? .drop(1) : .keep(1)
        case "[": return link(isComplete)
        case "<": return autolink(isComplete)
        case ">" where isAutolink:
            isAutolink = false
            return .drop(1)
        default: return .keep(1)
        }
    }

    /// Nil: as anywhere else.
    private mutating func atLineStart(_ scalar: Unicode.Scalar, _ isComplete: Bool) -> Step? {
        switch scalar {
        case ">": return .drop(1)
        case "#":
            let run = length(of: scalar)
            if isOpen(run, isComplete) { return .wait }
            isLineStart = false
            return run <= 6 && isSpace(at(run)) ? .drop(run) : .keep(run)
        case "-", "+", "*", "=", "_": return bulletOrRule(scalar, isComplete)
        case "`", "~":
            let run = length(of: scalar)
            if isOpen(run, isComplete) { return .wait }
            isFence = run >= 3
            return isFence ? .drop(run) : nil
        default: return nil
        }
    }

    private mutating func bulletOrRule(_ scalar: Unicode.Scalar, _ isComplete: Bool) -> Step? {
        let run = length(of: scalar)
        if isOpen(run, isComplete) { return .wait }
        if run == Self.longestRun { return .drop(run) }
        let next = at(run)
        if run >= 3, next == nil || next == "\n" || next == "\r" { return .drop(run) }
        if run == 1, let next, next == " " || next == "\t", "-+*".unicodeScalars.contains(scalar) {
            isLineStart = false
            return .drop(2)
        }
        isLineStart = false
        return nil
    }

    /// A mark behind a backslash is meant as it is.
    private mutating func escape(_ isComplete: Bool) -> Step {
        guard let next = at(1) else { return isComplete ? .keep(1) : .wait }
        isEscaped = Self.punctuation.contains(next)
        return isEscaped ? .drop(1) : .keep(1)
    }

    private func emphasis(_ scalar: Unicode.Scalar, _ isComplete: Bool) -> Step {
        let run = length(of: scalar)
        if isOpen(run, isComplete) { return .wait }
        if run == Self.longestRun { return .drop(run) }
        let next = at(run)
        if isSpace(previous), isSpace(next) { return .keep(run) }
        guard let previous, let next, isWord(previous), isWord(next) else { return .drop(run) }
        // "snake_case", "5*3".
        let isProduct = run == 1 && (previous.properties.numericType != nil || next.properties.numericType != nil)
        return scalar == "_" || isProduct ? .keep(run) : .drop(run)
    }

    // MARK: Links

    private mutating func link(_ isComplete: Bool) -> Step {
        var open = 0
        for offset in 0..<Self.longestLink {
            guard let scalar = at(offset) else { return isComplete ? .keep(1) : .wait }
            if offset > 0, at(offset - 1) == "\\" { continue }
            switch scalar {
            case "\n": return .keep(1)
            case "[": open += 1
            case "]":
                open -= 1
                guard open == 0 else { continue }
                guard let next = at(offset + 1) else { return isComplete ? .keep(1) : .wait }
                guard next == "(", linkWords == nil else { return .keep(1) }
                linkWords = offset
                return .drop(1)
            default: break
            }
        }
        return .keep(1)
    }

    private mutating func beginDestination() -> Step {
        linkWords = nil
        depth = 1
        destination = 0
        return .drop(min(2, pending.count - position))
    }

    private mutating func withinDestination(_ scalar: Unicode.Scalar) -> Step? {
        destination += 1
        guard scalar != "\n", destination < Self.longestDestination else {
            depth = 0
            return nil
        }
        if scalar == "(" { depth += 1 }
        if scalar == ")" { depth -= 1 }
        return .drop(1)
    }

    private mutating func autolink(_ isComplete: Bool) -> Step {
        for (offset, expected) in "<http".unicodeScalars.enumerated() {
            guard let scalar = at(offset) else { return isComplete ? .keep(1) : .wait }
            guard scalar == expected else { return .keep(1) }
        }
        isAutolink = true
        return .drop(1)
    }

    // MARK: Looking

    private func at(_ offset: Int) -> Unicode.Scalar? {
        position + offset < pending.count ? pending[position + offset] : nil
    }

    private func length(of scalar: Unicode.Scalar) -> Int {
        var run = 0
        while run < Self.longestRun, at(run) == scalar { run += 1 }
        return run
    }

    /// The run may go on, or what follows it is not known.
    private func isOpen(_ run: Int, _ isComplete: Bool) -> Bool {
        !isComplete && run < Self.longestRun && at(run) == nil
    }

    private func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || scalar == "\r" }

    private func isSpace(_ scalar: Unicode.Scalar?) -> Bool { scalar?.properties.isWhitespace ?? true }

    private func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}
