// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// The speech-to-speech provider is lost, and recogniser, agent and synthesiser take its place in the middle of the
/// conversation. History, turn and what is being said stay; what the provider owed is asked of the others.
extension Conversation {
    /// - Parameter hasTurnStage: one judges the ends of turns.
    mutating func goOnAsCascade(hasTurnStage: Bool, because reason: SwitchReason = .failure) {
        guard options.pipeline == .s2s else { return }
        settleAnswer()
        let openSpeech = hasOpenSpeech ? speechOnset.map { _ in speechOnsetPosition } : nil
        dropUtterances()
        spoken = SpokenTurns()
        options.pipeline = .cascade
        options.turnMode = cascadeTurnMode
        options.hasTurnStage = hasTurnStage
        options.hasSynthesiser = true
        wording = Wording(options)
        endpointing = Endpointing(options: options.endpointing, hasTurnStage: hasTurnStage)
        pipelineChanged(because: reason)
        if let openSpeech { hearAgain(since: openSpeech) }
        askAgain()
        _ = synthesiseAgain()
    }

    /// An answer that has begun ends where it stands.
    private mutating func settleAnswer() {
        guard let turn, !turn.isAgentDone, hasAnswered(turn.generation) else { return }
        agentAnswered(.agentDone(generation: turn.generation, hangUp: false))
    }

    /// The recogniser gets the whole of what was said and not answered.
    private mutating func hearAgain(since onset: Duration) {
        let said = clock.position(at: now) - onset + options.speech.prefixPadding
        beginUtterance(padding: clock.samples(in: said))
        guard !detector.isSpeaking else {
            userState = .speaking
            return
        }
        if userState == .speaking {
            callerStoppedSpeaking(silence: detector.silence)
        } else {
            endpointing.speechEnded(at: clock.position(at: now))
            transcriptDeadline = now + options.endpointing.transcriptTimeout
            endUtterance()
        }
    }

    /// A turn without a word of an answer: the agent is asked, if it is known what the caller said.
    private mutating func askAgain() {
        guard let turn, !turn.isAgentDone, !hasAnswered(turn.generation) else { return }
        // What the model has had done would be done twice.
        guard !turn.userText.isEmpty, turn.toolSteps == 0 else { return failTurn("provider.connectivity") }
        self.turn?.pendingCalls = []
        self.turn?.lastProgress = now
        self.turn?.awaitsToken = true
        emit(.prompt(generation: turn.generation, text: turn.userText, speculative: false))
    }
}
