// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

/// A speech-to-speech provider fails, or says nothing: the next in line takes the session over. It is told what was said
/// so far, asked for what is owed, and hears what the caller says just now from its beginning.
extension CallSession {
    /// A failure of a link, for its provider's breaker.
    func count(_ code: String, of link: SpeechToSpeech.Link, retryAfter: Duration? = nil) {
        outcomes.failed(generation: link.stage.provider.descriptor.generation)
        let speaker = stages.speaker ?? incoming
        guard let providers = speaker?.chain.all, providers.indices.contains(link.place) else { return }
        note(failure: code, of: providers[link.place], retryAfter: retryAfter)
    }

    /// A response is complete.
    func hasAnswered(_ generation: UInt64, _ speaker: SpeechToSpeech) {
        guard let link = speaker.link(of: generation) else { return }
        breakers.succeeded(speaker.chain.all[link.place].breakerKey(tenant: request.tenant))
        if link === speaker.current { speaker.chain.succeeded() }
    }

    /// - Returns: false when no other provider can be had; all is as before then.
    func goOver(_ speaker: SpeechToSpeech, code: String) -> Bool {
        guard let opener = stages.opener else { return false }
        let failed = speaker.chain.current.provider.descriptor.reference
        speaker.chain.failed()
        for place in speaker.chain.candidates where opener.admits(speaker.chain.all[place]) {
            guard let next = try? speaker.openSuccessor(at: place), goOn(speaker, with: next) else { continue }
            speaker.attempts = 0
            noteProviders()
            let name = next.stage.provider.descriptor.reference
            announce("s2s: \(failed) failed (\(code)), \(name) goes on", code: "provider.failover")
            return true
        }
        return false
    }

    /// Whether another may be asked for a response: nothing of it was heard, and no tool was used for it.
    func mayAskAgain(_ generation: UInt64) -> Bool {
        !conversation.hasAnswered(generation) && !conversation.hasCalledTool(generation)
    }

    /// A response has failed of which nothing has come: another provider may do better.
    func askAnother(_ generation: UInt64, code: String) -> Bool {
        guard let speaker = stages.speaker, speaker.current.owed.contains(generation), mayAskAgain(generation) else {
            return false
        }
        return goOver(speaker, code: code)
    }

    /// The model has taken a turn, and told neither what it heard nor anything of its answer.
    func isUnheard(_ generation: UInt64, _ speaker: SpeechToSpeech) -> Bool {
        speaker.line(generation) == nil && conversation.isAwaitingWords && mayAskAgain(generation)
            && speaker.text(of: generation).isEmpty && conversation.words(of: generation).isEmpty
    }

    /// - Returns: true when what a link tells of the caller's speech is of a turn that it hears again.
    func hearsAgain(_ event: StageEvent, _ speaker: SpeechToSpeech) -> Bool {
        guard let generation = speaker.unheard else { return false }
        if case .turnEnd = event.kind {
            speaker.unheard = nil
            ask(speaker, generation, "")
        }
        return true
    }

    // MARK: providers that say nothing

    /// Watches a response that another provider could still be asked for.
    func watchAnswer(_ speaker: SpeechToSpeech, _ generation: UInt64) {
        guard !speaker.chain.candidates.isEmpty else { return }
        let number = speaker.current.number
        later(AttemptLimit.agent) { session in
            guard let speaker = session.stages.speaker, speaker.current.number == number, !speaker.isDown else {
                return
            }
            session.leave(speaker, code: "provider.timeout") {
                speaker.current.owed.contains(generation) && session.mayAskAgain(generation)
            }
        }
    }

    /// A link in the place of another has to be ready soon, if there are others.
    func expectReady(_ link: SpeechToSpeech.Link, _ speaker: SpeechToSpeech) {
        guard failover.reconnectAfter > .zero, !speaker.chain.candidates.isEmpty else { return }
        let number = link.number
        later(failover.reconnectAfter) { session in
            guard let speaker = session.stages.speaker, speaker.current.number == number, !speaker.isDown else {
                return
            }
            session.leave(speaker, code: "provider.connectivity") { !speaker.current.isReady }
        }
    }

    /// Whoever cannot be replaced is waited for, and no failure of it counted.
    private func leave(_ speaker: SpeechToSpeech, code: String, if hasFailed: () -> Bool) {
        let link = speaker.current
        guard hasFailed(), goOver(speaker, code: code) else { return }
        count(code, of: link)
    }

    /// A link tells of its connection. One that loses it may have it back in a moment.
    func noteConnection(of link: SpeechToSpeech.Link, _ speaker: SpeechToSpeech, _ state: String) {
        guard link === speaker.current else { return }
        switch state {
        case "reconnecting" where !link.isReconnecting:
            link.isReconnecting = true
            link.isReady = false
            expectReady(link, speaker)
        case "connected" where link.isReconnecting:
            link.isReconnecting = false
            link.isReady = true
            considerRollover()
        default: break
        }
    }
}
