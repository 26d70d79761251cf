// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// The end of the caller's turn.
extension Conversation {
    /// Commits when the decision is due and all transcripts are there.
    mutating func endTurnOfCaller() {
        guard mayEndTurn, let due = endpointing.due(isDangling: isDangling), clock.position(at: now) >= due else {
            return
        }
        if options.turnMode == .stt { endUtterance() }
        var source = endpointing.source
        if !transcript.isSettled, options.pipeline != .s2s {
            guard now >= transcriptDeadline else { return }
            transcript.settleAll()
            source = .timeout
        }
        takeTurn(source)
    }

    /// The provider or the application has decided; only missing transcripts are awaited.
    mutating func decideTurn(_ source: TurnSource) {
        endpointing.decide(source)
        transcriptDeadline = now + options.endpointing.transcriptTimeout
        endUtterance()
    }

    mutating func askTurnStage() {
        guard mayAskTurnStage, let utterance = openUtterance ?? transcript.utterances.last?.id else { return }
        let position = clock.position(at: now)
        guard let silence = silenceSoFar(at: position) else { return }
        guard silence >= options.endpointing.judgeAfter else { return endpointing.speechGoesOn() }
        let text = transcript.text
        guard endpointing.shallAsk(silence: silence, text: text, at: position) else { return }
        emit(.judgeTurn(utterance: utterance, text: text, silence: silence))
    }

    /// In manual and speech-to-speech mode silence decides nothing.
    var mayEndTurn: Bool {
        guard options.pipeline != .loopback else { return false }
        if endpointing.demand != nil { return true }
        guard endpointing.isPending, userState != .speaking else { return false }
        return options.turnMode == .vad || options.turnMode == .stt
    }

    private var mayAskTurnStage: Bool {
        options.hasTurnStage && options.turnMode == .vad && options.pipeline != .loopback
            && (detector.isSpeaking || endpointing.isPending)
    }

    private func silenceSoFar(at position: Duration) -> Duration? {
        if detector.isSpeaking { return detector.silence }
        return endpointing.lastSpeech.map { position - $0 }
    }

    private mutating func takeTurn(_ source: TurnSource) {
        let text = transcript.take()
        let end = endpointing.lastSpeech
        let probability = endpointing.probability
        let lastFinal = finalAt
        finalAt = nil
        endpointing.reset()
        isDangling = false
        transcriptDeadline = .distantFuture
        guard options.answersTurns || options.turnMode == .s2s else { return holdTurn(text) }
        guard !text.isEmpty || options.pipeline == .s2s else { return nothingSaid(source) }
        guard !isDropped, options.interruption.byVoice || !isResponding else {
            abandonSpeculation()
            refuseAnswer()
            return warn("turn.dropped", "the caller spoke over a speech that the voice does not interrupt")
        }
        let delay = end.map { clock.position(at: now) - $0 } ?? .zero
        var timeline = TurnTimeline()
        timeline.speechEnd = end == nil ? nil : now - delay
        timeline.finalTranscript = lastFinal
        beginTurn(text, source: source, delay: delay, probability: probability, timeline: timeline)
        turn?.speechEnd = end
    }

    private mutating func nothingSaid(_ source: TurnSource) {
        if source == .timeout { warn("transcript.timeout", "no transcript came for the caller's speech") }
        if source == .manual { warn("turn.empty", "there was nothing to commit") }
        carryOut(bargeIn.reject())
        abandonSpeculation()
        speculationTries = 0
    }

    /// 7.3.4: what becomes of a turn when the agent may not be interrupted.
    var isDropped: Bool { options.interruption.uninterruptiblePolicy == .drop && !isInterruptible }
}
