// SPDX-License-Identifier: Apache-2.0

/// One step of a ``Pattern``'s program.
enum PatternInstruction: Sendable {
    case take(ScalarSet)
    /// Goes on at the next instruction and at the target.
    case fork(Int)
    case jump(Int)
    case assertStart
    case assertEnd
    case match
}

/// Turns the tree of an expression into a program; counted repetitions are unrolled.
struct PatternCompiler {
    let source: String
    let largestProgram: Int
    private var program: [PatternInstruction] = []
    /// Nodes visited: `((){999}){999}` produces no instructions and would still take forever.
    private var visits = 0

    init(source: String, largestProgram: Int) {
        self.source = source
        self.largestProgram = largestProgram
    }

    mutating func compile(_ node: PatternNode) throws(SyrinxError) -> [PatternInstruction] {
        try emit(node)
        program.append(.match)
        return program
    }

    private mutating func emit(_ node: PatternNode) throws(SyrinxError) {
        visits += 1
        guard program.count < largestProgram, visits < 4 * largestProgram else {
            throw SyrinxError("schema.invalid", "the pattern `\(source.prefix(80))` is too large")
        }
        switch node {
        case .set(let set): program.append(.take(set))
        case .start: program.append(.assertStart)
        case .end: program.append(.assertEnd)
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .choice(let nodes): try emit(choice: nodes)
        case .repetition(let node, let least, let most):
            for _ in 0..<least { try emit(node) }
            if let most { try emit(optional: node, times: most - least) } else { try emit(loop: node) }
        }
    }

    private mutating func emit(choice nodes: [PatternNode]) throws(SyrinxError) {
        var jumps: [Int] = []
        for node in nodes.dropLast() {
            let fork = reserve()
            try emit(node)
            jumps.append(reserve())
            program[fork] = .fork(program.count)
        }
        if let last = nodes.last { try emit(last) }
        for jump in jumps { program[jump] = .jump(program.count) }
    }

    private mutating func emit(loop node: PatternNode) throws(SyrinxError) {
        let fork = reserve()
        try emit(node)
        program.append(.jump(fork))
        program[fork] = .fork(program.count)
    }

    private mutating func emit(optional node: PatternNode, times: Int) throws(SyrinxError) {
        var forks: [Int] = []
        for _ in 0..<times {
            forks.append(reserve())
            try emit(node)
        }
        for fork in forks { program[fork] = .fork(program.count) }
    }

    /// A slot that is filled when its target is known.
    private mutating func reserve() -> Int {
        program.append(.match)
        return program.count - 1
    }
}
