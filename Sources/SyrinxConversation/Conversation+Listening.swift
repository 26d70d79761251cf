// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// Hearing the caller.
extension Conversation {
    mutating func hear(samples: Int, probability: Float) {
        guard samples > 0 else {
            counters.ignored += 1
            return
        }
        clock.advance(samples: samples, at: now)
        if listensContinuously, openUtterance == nil { beginUtterance(padding: samples) }
        switch detector.hear(clock.duration(of: samples), probability: isDeaf ? 0 : probability) {
        case .started(let ago) where usesDetector: callerStartedSpeaking(ago: ago)
        case .ended(let silence) where usesDetector: callerStoppedSpeaking(silence: silence)
        case .abandoned: carryOut(bargeIn.speechEnded(at: now))
        case .none, .started, .ended: break
        }
        considerCandidate()
        askTurnStage()
    }

    mutating func callerStartedSpeaking(ago: Duration) {
        callerIsActive()
        let position = clock.position(at: now) - ago
        if let end = turn?.speechEnd { endpointing.answeredTooEarly(pause: position - end) }
        endpointing.speechStarted(at: position)
        speechOnset = now - ago
        speechOnsetPosition = position
        userState = .speaking
        spoken.speechStarted()
        emit(.userSpeechStarted)
        guard options.turnMode == .vad, options.pipeline != .loopback else { return }
        beginUtterance(padding: clock.samples(in: ago + options.speech.prefixPadding))
    }

    mutating func callerStoppedSpeaking(silence: Duration) {
        let end = clock.position(at: now) - silence
        userState = .listening
        callerIsActive()
        emit(.userSpeechStopped)
        carryOut(bargeIn.speechEnded(at: now))
        guard options.pipeline != .loopback else { return }
        endpointing.speechEnded(at: end)
        transcriptDeadline = now + options.endpointing.transcriptTimeout
        if options.turnMode == .vad { endUtterance() }
    }

    /// A muted client sends nothing: that is an end of speech too.
    mutating func endSpeechOfSilentClient() {
        guard hearsCaller, clock.isIdle(at: now) else { return }
        // What had become of silence when the audio stopped is silence still.
        let silence = detector.silence + (clock.position(at: now) - clock.position(at: clock.idleFrom))
        detector.reset()
        if userState == .speaking {
            callerStoppedSpeaking(silence: silence)
        } else {
            carryOut(bargeIn.speechEnded(at: now))
        }
    }

    /// Speech, perhaps only tentative, that began while audio came.
    var hearsCaller: Bool {
        if detector.isActive { return true }
        guard !usesDetector, userState == .speaking, let speechOnset else { return false }
        return speechOnset < clock.idleFrom
    }

    // MARK: Providers that hear for themselves (modes stt and s2s)

    mutating func providerHeardSpeech() {
        guard !usesDetector, userState != .speaking else { return }
        if options.turnMode == .stt { abandonSpeculation() }
        callerStartedSpeaking(ago: .zero)
        // The speech-to-speech provider has already stopped its own answer.
        if options.turnMode == .s2s, isResponding, isInterruptible { confirmInterruption() }
    }

    mutating func providerHeardSilence() {
        guard !usesDetector, userState == .speaking else { return }
        callerStoppedSpeaking(silence: .zero)
    }

    mutating func providerEndedTurn() {
        guard !usesDetector, options.pipeline != .loopback else { return }
        providerHeardSilence()
        callerIsActive()
        decideTurn(.provider)
    }

    // MARK: Utterances

    mutating func beginUtterance(padding: Int) {
        lastUtterance &+= 1
        openUtterance = lastUtterance
        transcript.open(lastUtterance)
        emit(.beginUtterance(lastUtterance, padding: padding))
    }

    mutating func endUtterance() {
        guard let utterance = openUtterance else { return }
        openUtterance = nil
        let lastSpeech = endpointing.lastSpeech ?? clock.position(at: now)
        transcript.markOverlap(utterance, isResponding)
        // A provider that decides turns has said all it has to say, unless a partial transcript is open.
        transcript.close(utterance, lastSpeech: endpointing.demand == .provider ? .zero : lastSpeech)
        emit(.endUtterance(utterance))
    }

    mutating func dropUtterances() {
        for utterance in transcript.utterances where !utterance.isSettled { emit(.cancelUtterance(utterance.id)) }
        openUtterance = nil
        transcript.clear()
        endpointing.reset()
        isDangling = false
    }

    /// Our detector decides when the caller speaks.
    var usesDetector: Bool { options.turnMode == .vad || options.turnMode == .manual }

    /// All audio goes to the provider, not only what we take for speech.
    private var listensContinuously: Bool { options.turnMode != .vad && options.pipeline != .loopback }

    /// Until the echo canceller has converged an open microphone hears the agent, not the caller.
    private var isDeaf: Bool {
        guard let firstAudioAt, isSounding else { return false }
        return now < firstAudioAt + options.interruption.aecWarmUp
    }
}
