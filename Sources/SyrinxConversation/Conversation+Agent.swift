// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// The agent's answer to a prompt.
extension Conversation {
    mutating func agentAnswered(_ answer: Input) {
        switch answer {
        case .delta(let generation, let text):
            guard owns(generation) else { return hold(answer, of: generation, bytes: text.utf8.count) }
            addToAnswer(text)
        case .toolCall(let generation, let call, let name, let arguments):
            let bytes = name.utf8.count + arguments.utf8.count
            guard owns(generation) else { return hold(answer, of: generation, bytes: bytes) }
            callTool(call, name: name, arguments: arguments)
        case .agentDone(let generation, let hangUp):
            guard owns(generation) else { return hold(answer, of: generation, bytes: 0) }
            finishAnswer(hangUp: hangUp)
        case .agentFailed(let generation, let code):
            if speculation?.generation == generation { return speculation = nil }
            guard owns(generation) else { return countStale() }
            turn?.isAgentDone = true
            failTurn(code)
        default: break
        }
    }

    mutating func toolAnswered(_ generation: UInt64, call: UInt64, text: String, failed: Bool) {
        guard owns(generation), let index = turn?.pendingCalls.firstIndex(of: call) else { return countStale() }
        turn?.pendingCalls.remove(at: index)
        if !failed { turn?.answered(call, text) }
        progress(awaitsToken: true)
        emit(.sendToolResult(generation: generation, call: call, text: text, failed: failed))
    }

    /// No turn hangs: a silent agent, tool or synthesiser fails it.
    mutating func checkAgent() {
        if now >= turnDeadline {
            failTurn(turn?.pendingCalls.isEmpty == true ? "agent.timeout" : "tool.timeout")
        }
        if now >= synthesisDeadline, let generation = queue.current?.generation {
            speechFailed(generation, "speech.timeout")
        }
        if let deadline = queue.current?.forceDeadline, now >= deadline { queue.current?.forceText(at: now) }
    }

    /// While its audio waits to be played a speech-to-speech provider owes nothing: it may be waiting for credit.
    var turnDeadline: Instant {
        guard let turn else { return .distantFuture }
        let deadline = turn.deadline(options.timeouts)
        guard options.pipeline == .s2s, let speech = queue.current, speech.generation == turn.generation,
            turn.pendingCalls.isEmpty, !turn.isAgentDone
        else { return deadline }
        return hasFrame ? .distantFuture : max(deadline, speech.clauses.waitingSince + options.timeouts.agentStall)
    }

    private func owns(_ generation: UInt64) -> Bool {
        turn?.generation == generation && turn?.isAgentDone == false
    }

    private mutating func hold(_ answer: Input, of generation: UInt64, bytes: Int) {
        guard speculation?.generation == generation else { return countStale() }
        let limit = options.limits.agentTextBytes
        if speculation?.hold(answer, bytes: bytes, limit: limit, at: now) == false { abandonSpeculation() }
    }

    private mutating func progress(awaitsToken: Bool) {
        turn?.lastProgress = now
        turn?.awaitsToken = awaitsToken
    }

    private mutating func addToAnswer(_ text: String) {
        guard let generation = turn?.generation, !text.isEmpty else { return }
        progress(awaitsToken: false)
        if turn?.timeline.firstToken == nil { turn?.timeline.firstToken = now }
        let size = (turn?.agentText.utf8.count ?? 0) + text.utf8.count
        guard size <= options.limits.agentTextBytes else { return failTurn("agent.too_long") }
        turn?.agentText += text
        emit(.agentText(turn: turn?.number, generation: generation, text: text))
        guard options.speaksAnswers || options.pipeline == .s2s else {
            turn?.heard += text
            return
        }
        guard queue.contains(generation) || text.contains(where: { !$0.isWhitespace }) else { return }
        let now = now
        let isWhole = options.pipeline == .s2s
        beginReply(generation)
        _ = queue.update(generation) { speech in
            if isWhole { speech.clauses.extendLast(text) } else { speech.add(text, at: now) }
        }
    }

    /// The answer joins the queue with its first words, so that a line said while the agent thinks is not held up.
    mutating func beginReply(_ generation: UInt64) {
        guard !queue.contains(generation) else { return }
        dropSilentFiller()
        var speech = Speech(reply: generation, wording: wording, options: options)
        if options.pipeline == .s2s {
            // The provider speaks by itself: one clause, nothing to ask for.
            speech.clauses.append("", isSpaced: false)
            _ = speech.clauses.requestNext(at: now)
        }
        emit(.speechQueued(speech: speech.id))
        queue.add(speech)
    }

    private mutating func finishAnswer(hangUp: Bool) {
        guard let generation = turn?.generation else { return }
        turn?.isAgentDone = true
        turn?.hangsUp = hangUp
        let now = now
        let isWhole = options.pipeline == .s2s
        let isSpoken = queue.update(generation) { speech in
            if isWhole {
                _ = speech.clauses.finish(1, at: now)
                speech.clauses.isTextComplete = true
            } else {
                speech.finishText(at: now)
            }
        }
        if !isSpoken { completeTurn() }
    }

    private static let callsAtOnce = 16

    private mutating func callTool(_ call: UInt64, name: String, arguments: String) {
        guard var current = turn, !current.pendingCalls.contains(call) else { return countStale() }
        if current.pendingCalls.isEmpty { current.toolSteps += 1 }
        // One call that stays open makes a single step of all that come beside it: so they are counted, too.
        let isRefused =
            current.toolSteps > options.limits.maxToolSteps || current.pendingCalls.count >= Self.callsAtOnce
            || current.toolUses.count >= Self.callsAtOnce * max(1, options.limits.maxToolSteps)
        if isRefused {
            current.refusedCalls += 1
        } else {
            current.pendingCalls.append(call)
            current.used(name, call: call, arguments: arguments)
        }
        turn = current
        progress(awaitsToken: true)
        emit(.toolCalled(turn: current.number, name: name, arguments: arguments))
        guard isRefused else {
            countToolCall()
            return emit(.runTool(generation: current.generation, call: call, name: name, arguments: arguments))
        }
        // Told once or twice, an agent may still answer; one that goes on calling never will.
        guard current.refusedCalls <= 2 else { return failTurn("agent.tool_limit") }
        emit(
            .sendToolResult(
                generation: current.generation,
                call: call,
                text: "too many tool steps in this turn",
                failed: true
            )
        )
    }
}
