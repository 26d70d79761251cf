// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// An application that leads the conversation itself: how turns are taken, what was said before, when the agent answers.
extension Conversation {
    mutating func adjust(_ adjustment: Adjustment) {
        guard options.pipeline != .loopback else { return }
        if let mode = adjustment.turnMode, mode != options.turnMode { changeTurnMode(mode) }
        if let speech = adjustment.speech {
            options.speech = speech
            detector.adjust(speech)
        }
        if let endpointing = adjustment.endpointing {
            options.endpointing = endpointing
            self.endpointing.adjust(endpointing)
        }
        options.interruption.byVoice = adjustment.interruptsByVoice ?? options.interruption.byVoice
        options.answersTurns = adjustment.answersTurns ?? options.answersTurns
        options.speaksAnswers = adjustment.speaksAnswers ?? options.speaksAnswers
    }

    /// What the caller is saying just now is heard anew in the other way.
    private mutating func changeTurnMode(_ mode: TurnMode) {
        guard options.turnMode != .s2s, mode != .s2s else { return }
        discardTurn()
        options.turnMode = mode
    }

    mutating func replaceHistory(_ items: [HistoryItem]) {
        abandonSpeculation()
        history = Array(items.suffix(max(options.limits.historyItems, 2)))
        historyVersion += 1
        spoken.linesReplaced()
        turn?.historyIndex = history.count
    }

    mutating func respond(to text: String) {
        guard options.pipeline != .loopback else { return }
        let words = text.trimmed
        guard words.utf8.count <= options.limits.turnTextBytes else {
            return warn("turn.too_long", "the text is longer than a turn may be")
        }
        callerIsActive()
        var timeline = TurnTimeline()
        timeline.speechEnd = now
        timeline.finalTranscript = now
        beginTurn(words, source: .text, delay: .zero, probability: nil, timeline: timeline)
    }

    /// The caller's turn is complete, and the application decides whether it is answered.
    mutating func holdTurn(_ text: String) {
        carryOut(bargeIn.reject())
        abandonSpeculation()
        speculationTries = 0
        guard !text.isEmpty else { return emit(.turnHeld(text: "")) }
        // A turn in progress enters the history at the place where it was committed: before this.
        remember(HistoryItem(role: .user, text: text))
        emit(.turnHeld(text: text))
    }
}
