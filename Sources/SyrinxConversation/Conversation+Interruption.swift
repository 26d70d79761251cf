// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// Barge-in, carried out.
extension Conversation {
    /// T0 and T1: looks at the speech that is going on.
    mutating func considerCandidate() {
        let voiced = voicedSoFar
        guard voiced >= options.interruption.candidateAfter, !bargeIn.isPaused || bargeIn.deadline < .distantFuture,
            isResponding, canBargeIn
        else { return }
        let text = openUtterance.flatMap { transcript[$0]?.partial } ?? ""
        let evidence = BargeIn.Evidence(
            voiced: voiced,
            words: text.isEmpty ? 0 : text.normalisedWords.count,
            isBackchannel: options.interruption.lexicalFilter && !text.isEmpty && lexicon.isBackchannel(text),
            isNearBoundary: isNearBoundary
        )
        carryOut(bargeIn.hear(evidence))
    }

    mutating func hearWords(_ text: String, isFinal: Bool) {
        guard isResponding, canBargeIn else { return }
        let isCommand = options.interruption.lexicalFilter && lexicon.containsCommand(text)
        carryOut(bargeIn.heardWords(text.normalisedWords.count, isFinal: isFinal, isCommand: isCommand))
    }

    /// The transcript is complete and empty, or backchannel: the agent goes on at once instead of after the timeout.
    mutating func rejectIfNothingWasSaid() {
        guard !bargeIn.isIdle, userState != .speaking, transcript.isSettled, transcript.isEmpty else { return }
        carryOut(bargeIn.reject())
    }

    mutating func checkFalseInterruption() {
        guard now >= bargeIn.deadline else { return }
        // An open decision about the turn resolves it, one way or the other.
        guard transcript.isEmpty else { return bargeIn.waitForWords() }
        carryOut(bargeIn.reject())
    }

    mutating func carryOut(_ decision: BargeIn.Decision) {
        switch decision {
        case .none: break
        case .duck: queue.current?.playout.targetGain = options.interruption.duckGain
        case .unduck: queue.current?.playout.targetGain = 1
        case .pause: emit(.interruptionCandidate)
        case .confirm: confirmInterruption()
        case .resume:
            queue.current?.playout.targetGain = 1
            counters.falseInterruptions += 1
            emit(.interruptionFalse(resumed: queue.current != nil))
        }
    }

    /// What was to be interrupted has ended by itself.
    mutating func dropCandidate() {
        if bargeIn.isPaused { emit(.interruptionFalse(resumed: false)) }
        bargeIn.reset()
    }

    /// Nothing of the old generation leaves after this.
    mutating func confirmInterruption() {
        guard isResponding else { return }
        let interrupted = queue.current?.generation ?? turn?.generation ?? generation
        let latency = bargeInLatency
        bargeIn.reset()
        counters.interruptions += 1
        silence(dropping: { $0.isInterruptible })
        endTurn(.interrupted)
        emit(.interruptionConfirmed(generation: interrupted, latency: latency))
    }

    /// What goes on may be cut.
    var isInterruptible: Bool { queue.current?.isInterruptible ?? (options.interruption.enabled || !isResponding) }

    /// By voice: not in the modes in which someone else decides.
    var canBargeIn: Bool {
        (options.turnMode == .vad || options.turnMode == .stt) && options.interruption.byVoice && isInterruptible
    }

    private var voicedSoFar: Duration {
        if usesDetector { return detector.voiced }
        return userState == .speaking ? clock.position(at: now) - speechOnsetPosition : .zero
    }

    private var bargeInLatency: Duration {
        guard userState == .speaking || endpointing.isPending, let speechOnset else { return .zero }
        return now - speechOnset
    }

    private var isNearBoundary: Bool {
        guard let startedAt = queue.current?.startedAt else { return true }
        let boundary = options.interruption.backchannelBoundary
        if now - startedAt < boundary { return true }
        guard queue.current?.clauses.isAudioComplete == true else { return false }
        let output = AudioClock(rate: options.outputRate, idle: .zero)
        return output.duration(of: queue.current?.clauses.buffered() ?? 0) < boundary
    }
}
