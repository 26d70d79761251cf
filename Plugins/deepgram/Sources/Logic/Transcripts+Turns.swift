// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Flux: turns that the vendor delimits (protocol page, "State machine").
extension Transcripts {
    mutating func hear(_ turn: TurnInfo, base: Int64) {
        let heardTo = position(turn.heardTo, base)
        isTurnOpen = turn.step != .end
        turnText = turn.transcript
        if turn.step == .start || !turn.transcript.isEmpty && turn.step != .end { speechBegins(at: heardTo) }
        if !utterances.isEmpty { take(turn, heardTo) }
        guard turn.step == .end else { return }
        confirmed = max(confirmed, heardTo)
        consumedWords = 0
        turnText = ""
    }

    private mutating func take(_ turn: TurnInfo, _ heardTo: Int64) {
        utterances[0].interim = rest(turn.transcript)
        utterances[0].interimConfidence = turn.confidence
        utterances[0].interimLanguages = turn.languages
        if turn.step != .end { announce(0) }
        switch turn.step {
        case .eagerEnd where providerDecidesTurns:
            // A guess: the host may begin to think about the answer. TURN_END of probability 1 is the vendor's word.
            var event = OutgoingEvent.turnEnd(
                probability: min(turn.endConfidence, 0.99), generation: utterances[0].id)
            event.text = utterances[0].text
            event.json = #"{"eager":true}"#
            emit(event)
        case .resumed where providerDecidesTurns:
            // The guess was wrong, even if no other word follows.
            emit(.turnEnd(probability: 0, generation: utterances[0].id))
        case .end:
            let text = utterances[0].interim
            utterances[0].settle(text, confidence: turn.confidence, languages: turn.languages)
            if utterances[0].end == nil {
                endTurn(at: heardTo)
            } else {
                // The host has asked already, and the vendor has nothing else for this utterance.
                finish(0, confirm: false)
            }
        case .eagerEnd, .start, .update, .resumed: break
        }
    }

    /// The turn's words that are not sent as FINAL yet.
    private func rest(_ transcript: String) -> String {
        guard consumedWords > 0 else { return transcript.trimmed }
        return transcript.split(whereSeparator: \.isWhitespace).dropFirst(consumedWords).joined(separator: " ")
    }
}
