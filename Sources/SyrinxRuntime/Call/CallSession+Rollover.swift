// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

/// A provider ends its sessions after so many minutes, or breaks off. The call goes on with another session of it, which
/// is told what was said; nothing is lost, and nothing is said twice.
extension CallSession {
    private static var margin: Duration { .seconds(2) }
    /// Audio that another link hears again: speech is heard a moment after it begins.
    private static var overlap: Duration { .milliseconds(500) }
    /// Waited before each attempt to replace a lost link.
    private static var pauses: [Duration] { [.zero, .milliseconds(500), .seconds(2)] }

    // MARK: before the end

    /// The provider has told that it will end the current link.
    func willEnd(_ speaker: SpeechToSpeech, _ json: String) {
        let seconds = (try? JSONValue(parsing: json))?["seconds"]?.double ?? 60
        let left = Duration.milliseconds(Int64(max(0, min(seconds, 3600)) * 1000))
        let end = now() + left
        // Another end may be near already: of the provider's session, or of what it was told.
        if let planned = speaker.endsAt, planned <= end { return }
        speaker.endsAt = end
        later(max(.zero, left - Self.margin)) { session in
            if session.stages.speaker?.endsAt == end { session.rollOverNow() }
        }
        considerRollover()
    }

    /// What the model was told has changed: another link is told so, and takes over, at once where nothing goes on.
    func renewSpeaker() {
        guard let speaker = stages.speaker, !isOver else { return }
        speaker.dropSuccessor()
        guard conversation.isQuiet, speaker.current.owed.isEmpty, let next = try? speaker.openSuccessor() else {
            return speaker.isLeaving ? considerRollover() : willEnd(speaker, "{}")
        }
        introduce(next, history: conversation.historySoFar)
        guard speaker.successor === next else { return }
        takeOver(speaker, keepsOld: false)
    }

    /// The best moment is one at which nobody says anything and nothing is owed.
    func considerRollover() {
        guard let speaker = stages.speaker, speaker.isLeaving, !isOver, conversation.isQuiet else { return }
        guard let next = speaker.successor else { return prepareSuccessor(speaker) }
        guard next.historyChanges == conversation.historyChanges else { return prepareSuccessor(speaker) }
        guard next.isReady else { return }
        takeOver(speaker, keepsOld: false)
    }

    private func prepareSuccessor(_ speaker: SpeechToSpeech) {
        guard now() >= speaker.mayOpenAt else { return }
        do {
            introduce(try speaker.openSuccessor(), history: conversation.historySoFar)
        } catch {
            speaker.mayOpenAt = now() + .seconds(1)
            onWarning("s2s: no further session can be had yet: \(error.message)")
        }
    }

    /// There was no quiet moment. An answer under way is finished by the link that began it.
    private func rollOverNow() {
        guard let speaker = stages.speaker, speaker.isLeaving, let end = speaker.endsAt, !isOver else { return }
        let isFinished = speaker.current.owed.isEmpty && !conversation.isAwaitingWords
        if speaker.successor?.historyChanges != conversation.historyChanges || !conversation.isQuiet {
            speaker.mayOpenAt = .zero
            prepareSuccessor(speaker)
        }
        guard speaker.successor != nil else {
            return later(.milliseconds(250)) { session in
                if session.stages.speaker?.endsAt == end { session.rollOverNow() }
            }
        }
        takeOver(speaker, keepsOld: !isFinished)
        guard let old = speaker.retiring?.number else { return }
        later(max(.zero, end - now())) { session in
            guard let speaker = session.stages.speaker, speaker.retiring?.number == old else { return }
            session.retire(speaker)
        }
    }

    private func takeOver(_ speaker: SpeechToSpeech, keepsOld: Bool) {
        if keepsOld { retire(speaker) }
        speaker.takeOver(keepsOld: keepsOld)
        repeatAudio(speaker)
        onWarning("s2s: another session of the provider goes on")
    }

    /// What the link that was left has begun is finished, or will not be.
    func retireIfFinished(_ speaker: SpeechToSpeech) {
        guard let old = speaker.retiring, old.owed.isEmpty, !conversation.isAwaitingWords else { return }
        speaker.dropRetiring()
    }

    /// An answer that cannot be completed any more ends where it stands.
    private func retire(_ speaker: SpeechToSpeech) {
        guard let old = speaker.retiring else { return }
        let owed = old.owed.sorted()
        speaker.dropRetiring()
        for generation in owed { breakOff(generation, of: old, speaker) }
    }

    private func breakOff(
        _ generation: UInt64, of link: SpeechToSpeech.Link, _ speaker: SpeechToSpeech,
        code: String = ProviderErrorClass.connectivity.code
    ) {
        link.owed.remove(generation)
        guard conversation.hasAnswered(generation) else { return failed(generation, code) }
        if let clause = speaker.line(generation) {
            submit(.speechDone(generation: generation, clause: clause))
        } else {
            submit(.agentDone(generation: generation, hangUp: false))
        }
    }

    // MARK: after a loss

    /// A link has ended without notice.
    func lost(_ link: SpeechToSpeech.Link, _ speaker: SpeechToSpeech, code: String, mayReturn: Bool) {
        if link === speaker.successor {
            // The host may have to wait for it: `replace` sees that it is gone.
            speaker.dropSuccessor()
            speaker.mayOpenAt = now() + .seconds(1)
        } else if link === speaker.retiring {
            retire(speaker)
        } else if mayReturn {
            guard !speaker.isDown else { return }
            speaker.isDown = true
            speaker.lossCode = code
            replace(link, speaker)
        } else {
            giveUp(speaker, code: code)
        }
    }

    /// It was refused by the host's own means.
    func failed(_ link: SpeechToSpeech.Link, _ error: ProviderErrorClass, _ message: String) {
        guard let speaker = stages.speaker else { return }
        onWarning("s2s failed: \(error.code) \(message)")
        count(error.code, of: link)
        lost(link, speaker, code: error.code, mayReturn: link.stage.isLost)
    }

    private func replace(_ link: SpeechToSpeech.Link, _ speaker: SpeechToSpeech) {
        // Where others are in line, one that worked is tried once more, and one that never did is not.
        if !link.isReady || speaker.attempts > 0, goOver(speaker, code: speaker.lossCode) { return }
        guard speaker.attempts < Self.pauses.count else { return giveUp(speaker, code: speaker.lossCode) }
        let pause = Self.pauses[speaker.attempts]
        speaker.attempts += 1
        let number = link.number
        later(pause) { session in
            guard let speaker = session.stages.speaker, speaker.current.number == number else { return }
            session.replaceNow(speaker)
        }
    }

    private func replaceNow(_ speaker: SpeechToSpeech) {
        let old = speaker.current
        guard let next = try? speaker.openSuccessor(), goOn(speaker, with: next) else { return replace(old, speaker) }
        onWarning("s2s: the provider's session is gone, another goes on")
    }

    /// Another link takes over what the current one owes.
    /// - Returns: false when it refuses.
    func goOn(_ speaker: SpeechToSpeech, with next: SpeechToSpeech.Link) -> Bool {
        let old = speaker.current
        let owed = old.owed.sorted()
        let unanswered = owed.filter { mayAskAgain($0) && !words(of: $0, speaker).isEmpty }
        let unheard = speaker.unheard ?? owed.last { isUnheard($0, speaker) }
        // A turn that will be asked again is no history yet; an answer that broke off is as far as it came.
        introduce(next, history: unanswered.isEmpty ? conversation.historySoFar : conversation.history)
        guard speaker.successor === next else { return false }
        speaker.takeOver(keepsOld: false)
        expectReady(next, speaker)
        speaker.unheard = unheard
        for generation in owed where generation != unheard {
            if unanswered.contains(generation) {
                ask(speaker, generation, words(of: generation, speaker), clause: speaker.line(generation))
            } else {
                breakOff(generation, of: old, speaker)
            }
        }
        repeatAudio(speaker)
        return true
    }

    /// The words with which a response can be asked for again; empty when the model has not told what it heard.
    private func words(of generation: UInt64, _ speaker: SpeechToSpeech) -> String {
        let text = speaker.text(of: generation)
        return text.isEmpty ? conversation.words(of: generation) : text
    }

    private func giveUp(_ speaker: SpeechToSpeech, code: String) {
        guard !speaker.isLost, !goOver(speaker, code: code) else { return }
        speaker.isLost = true
        let provider = speaker.chain.current.provider.descriptor.reference
        announce("s2s: \(provider) is lost (\(code)), and no other model can take over", code: "provider.lost")
        if stages.replaceSpeaker() {
            noteProviders()
            onWarning("s2s: recogniser, agent and synthesiser go on in its place")
            return submit(.providerReplaced(hasTurnStage: stages.turn != nil))
        }
        if let generation = speaker.unheard { failed(generation, code) }
        for generation in speaker.current.owed.sorted() {
            breakOff(generation, of: speaker.current, speaker, code: code)
        }
        submit(.close(.providerFailed))
    }

    func isReady(_ link: SpeechToSpeech.Link, _ speaker: SpeechToSpeech) {
        link.isReady = true
        considerRollover()
        // One that breaks off at once again does not count as good.
        later(.seconds(10)) { session in
            if session.stages.speaker?.current === link { session.stages.speaker?.attempts = 0 }
        }
    }

    // MARK: the caller's audio

    /// The provider hears the caller speak.
    func beganToSpeak() { speechBegan = now() }

    /// The provider has taken a turn.
    func endedTurn() {
        turnEndedBefore = turnEnded
        turnEnded = heardSamples
    }

    /// A link that begins in the middle of the caller's speech hears all of it, and so does one that is to hear a turn
    /// again.
    func repeatAudio(_ speaker: SpeechToSpeech) {
        var duration = Self.overlap
        let limit = Duration.seconds(Self.replaySeconds)
        let hearsTurn = speaker.unheard != nil
        if hearsTurn || conversation.hasOpenSpeech, let speechBegan, now() - speechBegan < limit {
            duration += now() - speechBegan
        }
        // Not what a turn has taken already.
        let (samples, pts) = latestAudio(min(duration, limit), since: hearsTurn ? turnEndedBefore : turnEnded)
        let frame = max(1, speaker.rates.pipeline / 50)
        samples.withUnsafeBufferPointer { samples in
            for start in stride(from: 0, to: samples.count, by: frame) {
                let part = UnsafeBufferPointer(rebasing: samples[start..<min(start + frame, samples.count)])
                speaker.hear(part, pts: pts + Int64(start))
            }
        }
    }

    func later(_ delay: Duration, _ body: @escaping (CallSession) -> Void) {
        let session = LoopBound(self)
        let work = LoopBound(body)
        _ = executor.schedule(after: delay) {
            guard !session.value.isOver else { return }
            work.value(session.value)
        }
    }
}
