// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// From synthesised clauses to frames on the line.
extension Conversation {
    /// Goes as far as it can: asks for clauses, sends the frames that are due, ends what has been played.
    mutating func speak() {
        guard sessionState == .active else { return }
        repeat {
            sayFillerIfDue()
            if queue.advance() { startQueued() }
            requestClauses()
            playFrames()
        } while (finishSpeech() || isStranded) && sessionState == .active
    }

    /// Clauses that came without a sample are behind us, and nobody has asked for the next: no time would come for it.
    private var isStranded: Bool {
        mayRequest && !hasFrame && queue.current?.clauses.isSynthesising == false
    }

    // MARK: Answers of the synthesiser

    mutating func audioArrived(_ generation: UInt64, _ clause: UInt64, _ samples: Int) {
        if options.pipeline == .s2s, turn?.generation == generation { beginReply(generation) }
        let now = now
        var speech: UInt64?
        queue.update(voice: generation) {
            if $0.clauses.arrive(clause, samples: samples, at: now) { speech = $0.generation }
        }
        guard let speech else { return countStale() }
        if turn?.generation == speech, turn?.timeline.firstSpeechByte == nil {
            turn?.timeline.firstSpeechByte = now
        }
        if options.pipeline == .s2s, turn?.generation == speech {
            turn?.lastProgress = now
            turn?.awaitsToken = false
        }
    }

    mutating func markArrived(_ generation: UInt64, _ clause: UInt64, _ mark: Clauses.Mark) {
        var isKnown = false
        queue.update(voice: generation) { isKnown = $0.clauses.mark(clause, mark) }
        if !isKnown { countStale() }
    }

    mutating func clauseDone(_ generation: UInt64, _ clause: UInt64) {
        let now = now
        var isKnown = false
        queue.update(voice: generation) { isKnown = $0.clauses.finish(clause, at: now) }
        if !isKnown { countStale() }
    }

    /// A speech that cannot be gone on with.
    mutating func speechFailed(_ generation: UInt64, _ code: String) {
        if turn?.generation == generation { return failTurn(code) }
        stopSpeech(generation)
        warn(code, "a speech could not be synthesised")
        countFailure()
    }

    /// While audio waits to be played the synthesiser owes nothing: it may be waiting itself, for credit.
    var synthesisDeadline: Instant {
        guard let clauses = queue.current?.clauses, clauses.isSynthesising, !hasFrame else { return .distantFuture }
        // A speech-to-speech provider is watched by the turn's own deadline.
        guard options.pipeline != .s2s || queue.current?.origin != .reply else { return .distantFuture }
        guard clauses.isWaitingForFirstByte else { return clauses.waitingSince + options.timeouts.speechStall }
        return clauses.waitingSince
            + (options.hasSynthesiser ? options.timeouts.speechFirstByte : options.timeouts.agentFirstToken)
    }

    // MARK: Playing

    private mutating func startQueued() {
        if bargeIn.phase == .ducked { queue.current?.playout.targetGain = options.interruption.duckGain }
    }

    private mutating func requestClauses() {
        while mayRequest, let (clause, isLast) = queue.current?.clauses.requestNext(at: now) {
            let text = clause.spoken?.text ?? clause.text
            emit(.speak(generation: clause.voice, clause: clause.id, text: text, last: isLast))
        }
    }

    /// Back-pressure on the synthesiser (at most 10 s buffered).
    private var mayRequest: Bool {
        guard queue.current?.clauses.hasUnrequested == true else { return false }
        let clausesAhead = queue.current?.clauses.ahead ?? 0
        let samples = queue.current?.clauses.buffered() ?? 0
        let limit = Double(options.outputRate) * (options.limits.bufferedAudio / .seconds(1))
        return clausesAhead < options.limits.clausesAhead && Double(samples) < limit
    }

    private mutating func playFrames() {
        releaseFinishedClauses()
        guard !isHoldingBack else { return }
        while queue.current?.playout.canSend(at: now) == true {
            guard hasFrame else {
                if queue.current?.clauses.isAudioComplete == false { starve() }
                return
            }
            sendFrame()
            // Clauses without a sample end with the one in front of them.
            releaseFinishedClauses()
        }
    }

    /// A whole frame, or the partial one that ends the speech.
    var hasFrame: Bool {
        let ready = queue.current?.clauses.ready(upTo: frameSamples) ?? 0
        return ready == frameSamples || (ready > 0 && queue.current?.clauses.isAudioComplete == true)
    }

    private mutating func sendFrame() {
        guard let generation = queue.current?.generation else { return }
        if !isSounding { beginSounding() }
        var missing = frameSamples
        while missing > 0, let piece = queue.current?.clauses.take(upTo: missing) {
            missing -= piece.samples
            if piece.samples > 0 {
                emit(
                    .piece(
                        generation: piece.voice,
                        clause: piece.clause,
                        offset: piece.offset,
                        samples: piece.samples
                    )
                )
            }
            if piece.isLastOfClause { release(piece.voice, piece.clause) }
        }
        queue.current?.clauses.taken(at: now)
        let gain = queue.current?.playout.send(at: now) ?? .unity
        emit(.sendFrame(generation: generation, gain: gain))
    }

    private mutating func beginSounding() {
        guard let id = queue.current?.id, let generation = queue.current?.generation else { return }
        queue.current?.startedAt = now
        if firstAudioAt == nil { firstAudioAt = now }
        acknowledgements.speechBegan()
        if turn?.generation == generation { turn?.timeline.firstAudio = now }
        emit(.speechStarted(speech: id, generation: generation))
    }

    private mutating func starve() {
        let before = queue.current?.playout.underruns ?? 0
        queue.current?.playout.starve(at: now)
        counters.underruns += (queue.current?.playout.underruns ?? 0) - before
    }

    private mutating func releaseFinishedClauses() {
        while let piece = queue.current?.clauses.take(upTo: 0) { release(piece.voice, piece.clause) }
    }

    mutating func release(_ generation: UInt64, _ clause: UInt64) {
        emit(.releaseAudio(generation: generation, clause: clause, before: .max))
    }

    // MARK: Ending

    /// When the last frame has been played, as far as one can know.
    var playoutEnd: Instant {
        guard let playout = queue.current?.playout else { return .distantFuture }
        guard acknowledgements.isAcknowledging, acknowledgements.position < playout.frames * frameSamples else {
            return playout.end
        }
        return playout.end + options.playout.ackFallback
    }

    /// True when a speech has ended, so that the next may begin.
    private mutating func finishSpeech() -> Bool {
        guard queue.current?.clauses.isConsumed == true, now >= playoutEnd, let speech = queue.current else {
            return false
        }
        queue.current = nil
        turn?.quietSince = now
        dropCandidate()
        acknowledgements.speechFinished(sent: speech.playout.frames * frameSamples)
        // The runtime ends a speech by its own generation; the one it was synthesised as in the end goes, too.
        if speech.clauses.voice != speech.generation { emit(.cancelSpeech(generation: speech.clauses.voice)) }
        conclude(speech, heard: speech.clauses.text, isInterrupted: false)
        if turn?.generation == speech.generation { completeTurn() }
        return true
    }

    /// Stops the speech that plays and drops those that wait, as told.
    mutating func silence(dropping shallDrop: (Speech) -> Bool) {
        if let speech = queue.current, shallDrop(speech) { stopCurrent(speech) }
        for speech in queue.drop(where: shallDrop) { conclude(speech, heard: "", isInterrupted: true) }
    }

    /// Stops one speech wherever it stands.
    mutating func stopSpeech(_ generation: UInt64) {
        silence(dropping: { $0.generation == generation })
    }

    private mutating func stopCurrent(_ speech: Speech) {
        queue.current = nil
        dropCandidate()
        if speech.startedAt != nil {
            emit(.clear(generation: speech.generation))
            emit(.audioClear(generation: speech.generation))
            acknowledgements.cleared()
        }
        if speech.clauses.requested > 0 { emit(.cancelSpeech(generation: speech.clauses.voice)) }
        for clause in speech.clauses.outstanding { release(clause.voice, clause.id) }
        let played = playedSamples(of: speech)
        let heard = heardText(of: speech, played: played)
        if turn?.generation == speech.generation {
            turn?.playedSamples = played
        } else if !options.hasSynthesiser, speech.clauses.requested > 0 {
            tellHeard(speech.generation, samples: played, text: heard)
        }
        conclude(speech, heard: heard, isInterrupted: true)
    }

    private mutating func conclude(_ speech: Speech, heard: String, isInterrupted: Bool) {
        emit(
            .speechFinished(
                speech: speech.id,
                generation: speech.generation,
                heard: heard,
                interrupted: isInterrupted
            )
        )
        switch speech.origin {
        case .reply:
            if turn?.generation == speech.generation { turn?.heard = heard }
        case .say(addToHistory: true) where !heard.isEmpty:
            remember(HistoryItem(role: .assistant, text: heard, interrupted: isInterrupted))
        case .say: break
        }
    }

    private func heardText(of speech: Speech, played: Int) -> String {
        guard speech.startedAt != nil else { return "" }
        return HeardText.text(of: speech.clauses.all, played: played, rate: options.outputRate)
    }

    /// What the client says it has played, or what was paced out, and never more than what was sent.
    private func playedSamples(of speech: Speech) -> Int {
        guard speech.startedAt != nil else { return 0 }
        let paced = AudioClock(rate: options.outputRate, idle: .zero).samples(in: speech.playout.played(at: now))
        return acknowledgements.isAcknowledging ? min(acknowledgements.position, paced) : paced
    }
}
