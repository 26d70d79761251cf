// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// The application's commands.
extension Conversation {
    mutating func say(_ request: SayRequest) {
        let speech = Speech(request, generation: nextGeneration(), wording: wording, options: options, at: now)
        guard options.pipeline != .loopback, !queue.isFull else {
            warn("speech.queue_full", "too many speeches wait; this one is dropped")
            emit(.speechFinished(speech: speech.id, generation: speech.generation, heard: "", interrupted: true))
            return
        }
        emit(.speechQueued(speech: speech.id))
        queue.add(speech)
    }

    /// A line of the core's own: greeting, fallback.
    mutating func sayByCore(_ text: String) {
        say(SayRequest(id: Speech.coreID(generation: generation &+ 1), text: text))
    }

    mutating func interrupt() {
        guard isResponding, isInterruptible else { return }
        speechOnset = nil
        confirmInterruption()
    }

    /// Typed text is a turn at once.
    mutating func type(_ text: String) {
        let words = text.trimmed
        guard !words.isEmpty, options.pipeline != .loopback else { return }
        guard words.utf8.count <= options.limits.turnTextBytes else {
            return warn("turn.too_long", "the text is longer than a turn may be")
        }
        callerIsActive()
        guard !isDropped else { return warn("turn.dropped", "the caller wrote during an uninterruptible speech") }
        var timeline = TurnTimeline()
        timeline.speechEnd = now
        timeline.finalTranscript = now
        beginTurn(words, source: .text, delay: .zero, probability: nil, timeline: timeline)
    }

    mutating func commitByApplication() {
        guard options.pipeline != .loopback else { return }
        callerIsActive()
        if options.turnMode == .vad, detector.isSpeaking {
            let silence = detector.silence
            detector.reset()
            callerStoppedSpeaking(silence: silence)
        }
        decideTurn(.manual)
    }

    mutating func discardTurn() {
        dropUtterances()
        abandonSpeculation()
        carryOut(bargeIn.reject())
        guard detector.isSpeaking || userState == .speaking else { return }
        detector.reset()
        userState = .listening
        emit(.userSpeechStopped)
    }
}
