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
        if options.pipeline == .s2s, source != .text {
            let until = now + options.endpointing.transcriptTimeout
            spoken.committed(counters.turns, words: text, at: history.count, until: until)
        }
        // Whoever ends turns itself has heard this one, and answers it unasked.
        let asked = options.pipeline == .s2s && source == .provider ? "" : text
        if adopted == nil { emit(.prompt(generation: generation, text: asked, speculative: false)) }
        for answer in adopted?.answers ?? [] { agentAnswered(answer) }
    }

    /// Exactly one for every committed turn.
    mutating func endTurn(_ outcome: TurnOutcome, failure: String? = nil) {
        guard var ended = turn else { return }
        turn = nil
        if queue.current == nil { dropCandidate() }
        if !ended.isAgentDone { emit(.cancelAgent(generation: ended.generation)) }
        if outcome == .interrupted || (outcome == .failed && ended.playedSamples > 0) {
            tellHeard(ended.generation, samples: ended.playedSamples, text: ended.heard)
        }
        if ended.userText.isEmpty { ended.userText = spoken[ended.number]?.text ?? "" }
        spoken.ended(ended.number, isInHistory: !ended.userText.isEmpty, at: ended.historyIndex)
        if !ended.userText.isEmpty {
            remember(HistoryItem(role: .user, text: ended.userText), at: ended.historyIndex, turn: ended.number)
        }
        rememberTools(of: ended)
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
        guard consecutiveFailures >= max(options.limits.unrecoverableErrors, 1), !leavesFailingCascade() else { return }
        close(.providerFailed)
    }

    /// - Parameter number: the turn to which the line belongs.
    mutating func remember(_ item: HistoryItem, at index: Int? = nil, turn number: Int? = nil) {
        let place = min(index ?? history.count, history.count)
        history.insert(item, at: place)
        historyVersion += 1
        spoken.lineAdded(at: place, turn: number)
        if let turn, turn.number > number ?? .max, turn.historyIndex >= place { self.turn?.historyIndex += 1 }
        guard history.count > max(options.limits.historyItems, 2) else { return }
        history.removeFirst()
        spoken.oldestLineLeft()
    }

    /// Policy `queue`: the answer waits behind the speech that may not be cut.
    private mutating func replaceWaitingTurn() {
        guard let generation = turn?.generation else { return }
        stopSpeech(generation)
        endTurn(.interrupted)
    }

    // MARK: Preemptive prompts

    mutating func speculate() {
        guard endpointing.isPending, let end = endpointing.lastSpeech else { return }
        speculate(onSpeechUntil: end)
    }

    /// A provider that decides turns guesses how likely this one ends here; 0: it goes on after all.
    mutating func turnMayEnd(_ probability: Float) {
        guard endpointing.demand == nil else { return }
        if probability > 0 {
            speculate(onSpeechUntil: clock.position(at: now))
        } else if probability == 0 {
            abandonSpeculation()
        }
    }

    /// Mode `stt`: other words than those of the guess take it back.
    mutating func checkSpeculation() {
        guard options.turnMode == .stt, let speculation else { return }
        if !speculation.serves(transcript.text, historyVersion: historyVersion) { abandonSpeculation() }
    }

    private mutating func speculate(onSpeechUntil end: Duration) {
        guard options.preemptive.enabled, options.pipeline == .cascade, !isResponding,
            speculationTries < options.preemptive.maxTries, end - speechOnsetPosition <= options.preemptive.maxSpeech
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
}
