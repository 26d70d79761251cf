// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// A turn's life from commit to its one outcome.
extension Conversation {
    mutating func beginTurn(
        _ text: String, source: TurnSource, delay: Duration, probability: Float?, timeline: TurnTimeline
    ) {
        if isInterruptible { confirmInterruption() } else { replaceWaitingTurn() }
        counters.turns += 1
        emit(
            .turnCommitted(
                turn: counters.turns, text: text, endOfTurnDelay: delay, source: source, probability: probability))
        let adopted = adoptSpeculation(for: text)
        var timeline = timeline
        timeline.turnDecided = now
        timeline.firstToken = adopted?.firstToken
        let generation = adopted?.generation ?? nextGeneration()
        turn = ActiveTurn(
            number: counters.turns, generation: generation, userText: text, historyIndex: history.count,
            timeline: timeline, at: now)
        if adopted == nil { emit(.prompt(generation: generation, text: text, speculative: false)) }
        for answer in adopted?.answers ?? [] { agentAnswered(answer) }
    }

    /// Exactly one for every committed turn.
    mutating func endTurn(_ outcome: TurnOutcome, failure: String? = nil) {
        guard let ended = turn else { return }
        turn = nil
        if queue.current == nil { dropCandidate() }
        if !ended.isAgentDone { emit(.cancelAgent(generation: ended.generation)) }
        if !ended.userText.isEmpty {
            remember(HistoryItem(role: .user, text: ended.userText), at: ended.historyIndex)
        }
        if !ended.heard.isEmpty {
            remember(HistoryItem(role: .assistant, text: ended.heard, interrupted: outcome != .answered))
        }
        emit(.turnEnded(ended.report(outcome, failure: failure)))
        if outcome == .answered { consecutiveFailures = 0 }
    }

    mutating func completeTurn() {
        let hangsUp = turn?.hangsUp ?? false
        endTurn(.answered)
        if hangsUp { close(.agentEnded) }
    }

    mutating func failTurn(_ code: String) {
        guard let generation = turn?.generation else { return }
        stopSpeech(generation)
        endTurn(.failed, failure: code)
        countFailure()
        guard !sessionState.isOver, let line = options.fallbackLine else { return }
        sayByCore(line)
    }

    mutating func countFailure() {
        counters.failures += 1
        consecutiveFailures += 1
        if consecutiveFailures >= max(options.limits.unrecoverableErrors, 1) { close(.providerFailed) }
    }

    mutating func remember(_ item: HistoryItem, at index: Int? = nil) {
        history.insert(item, at: min(index ?? history.count, history.count))
        historyVersion += 1
        if history.count > max(options.limits.historyItems, 2) { history.removeFirst() }
    }

    /// Policy `queue`: the answer waits behind the speech that may not be cut.
    private mutating func replaceWaitingTurn() {
        guard let generation = turn?.generation else { return }
        stopSpeech(generation)
        endTurn(.interrupted)
    }

    // MARK: Preemptive prompts (7.3.5)

    mutating func speculate() {
        guard options.preemptive.enabled, options.pipeline == .cascade, endpointing.isPending, !isResponding,
            speculationTries < options.preemptive.maxTries, isShortEnough
        else { return }
        let text = transcript.text
        guard !text.isEmpty, speculation?.serves(text, historyVersion: historyVersion) != true else { return }
        abandonSpeculation()
        speculationTries += 1
        let generation = nextGeneration()
        speculation = Speculation(
            generation: generation,
            transcript: text.normalisedTranscript,
            historyVersion: historyVersion
        )
        emit(.prompt(generation: generation, text: text, speculative: true))
    }

    mutating func abandonSpeculation() {
        guard let generation = speculation?.generation else { return }
        speculation = nil
        emit(.cancelAgent(generation: generation))
    }

    private mutating func adoptSpeculation(for text: String) -> Speculation? {
        speculationTries = 0
        guard let candidate = speculation else { return nil }
        guard candidate.serves(text, historyVersion: historyVersion) else {
            abandonSpeculation()
            return nil
        }
        speculation = nil
        return candidate
    }

    private var isShortEnough: Bool {
        guard let end = endpointing.lastSpeech else { return false }
        return end - speechOnsetPosition <= options.preemptive.maxSpeech
    }
}
