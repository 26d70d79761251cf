// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// What the speech-to-text provider makes of the caller's speech.
extension Conversation {
    mutating func hearPartial(_ utterance: UInt64, _ text: String) {
        guard options.pipeline != .s2s else { return hearProviderPartial(text) }
        guard transcript.contains(utterance) else { return countStale() }
        transcript.setPartial(utterance, text)
        transcriptChanged()
        guard let partial = transcript[utterance]?.partial, !partial.isEmpty else { return }
        emit(.partialTranscript(text: partial))
        checkSpeculation()
        hearWords(partial, isFinal: false)
    }

    mutating func hearFinal(_ utterance: UInt64, _ text: String, _ confidence: Float) {
        guard options.pipeline != .s2s else { return hearProviderFinal(text, confidence) }
        guard transcript.contains(utterance) else { return countStale() }
        consecutiveFailures = 0
        let isBackchannel = isBackchannel(text, in: utterance)
        transcript.addFinal(utterance, isBackchannel ? "" : text, at: clock.position(at: now))
        transcriptChanged()
        if !text.trimmed.isEmpty {
            emit(.finalTranscript(text: text.trimmed, confidence: confidence, backchannel: isBackchannel))
        }
        if isBackchannel {
            remember(HistoryItem(role: .user, text: text.trimmed, backchannel: true))
        } else if !text.trimmed.isEmpty {
            finalAt = now
            endSilentlyIfProviderIsTerse()
            hearWords(text, isFinal: true)
            speculate()
        }
        rejectIfNothingWasSaid()
    }

    mutating func transcriptionFailed(_ utterance: UInt64, _ code: String) {
        guard transcript.contains(utterance) else { return countStale() }
        if utterance == openUtterance { openUtterance = nil }
        transcript.close(utterance, lastSpeech: .zero)
        transcript.fail(utterance)
        transcriptChanged()
        warn(code, "the caller's speech could not be transcribed")
        countFailure()
        rejectIfNothingWasSaid()
    }

    mutating func judged(_ utterance: UInt64, _ probability: Float) {
        guard transcript.contains(utterance) else { return countStale() }
        guard options.turnMode != .stt else { return turnMayEnd(probability) }
        endpointing.judged(probability)
    }

    mutating func countStale() { counters.stale += 1 }

    private mutating func transcriptChanged() {
        isDangling = DanglingTail.isDangling(transcript.tail, language: options.language)
        askTurnStage()
    }

    /// Mode `stt` with a provider that tells no speech events: a final transcript is an end of speech.
    private mutating func endSilentlyIfProviderIsTerse() {
        guard options.turnMode == .stt, userState != .speaking, !endpointing.isPending else { return }
        callerIsActive()
        endpointing.speechEnded(at: clock.position(at: now))
        transcriptDeadline = now + options.endpointing.transcriptTimeout
    }

    /// Only over the agent's voice: the same word is an answer when the agent is silent.
    private func isBackchannel(_ text: String, in utterance: UInt64) -> Bool {
        guard options.interruption.lexicalFilter, isResponding, canBargeIn else { return false }
        let isOver = transcript[utterance]?.isClosed == true && transcript[utterance]?.overlaps == false
        return !isOver && lexicon.isBackchannel(text)
    }
}
