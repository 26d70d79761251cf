// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore
internal import SyrinxHost

/// The conversation goes on in another pipeline. The stages that are to take over are opened first, and told what was
/// said; those at work hear the caller until then, and the last of the caller's audio is heard by both.
extension CallSession {
    /// How long a model may take to become ready.
    private static var patience: Duration { .seconds(10) }

    /// Both or neither; the pipeline after the turn in progress.
    /// - Throws: `pipeline.unavailable`, `language.invalid`, `profile.language_unsupported`.
    package func change(pipeline: Pipeline?, language: String?) throws(SyrinxError) {
        if pipeline != nil, conversation.options.hybrid == nil {
            throw SyrinxError(
                "pipeline.unavailable", "this session has no other pipeline to go on in",
                fix: "its profile needs `s2s`, and a cascade of `vad`, `stt`, `agent` and `tts`")
        }
        if let language { try change(language: language) }
        if let pipeline { submit(.switchPipeline(to: pipeline, reason: .requested)) }
    }

    func open(_ pipeline: Pipeline) {
        switch pipeline {
        case .cascade: goOnAsCascade()
        case .s2s: prepareIncoming()
        case .loopback: break
        }
    }

    private func goOnAsCascade() {
        do {
            try stages.leaveSpeaker()
        } catch {
            return submitNext(.pipelineRefused(message: "the cascade cannot be had: \(error.message)"))
        }
        noteProviders()
        requests = OpenRequests()
        utterance = 0
        // Nobody is speaking: a recogniser that hears everything hears the next utterance from its beginning.
        stages.sttIsNew = false
        submitNext(.pipelineReady(.cascade, hasTurnStage: stages.hasTurnStage))
    }

    // MARK: a model that takes over

    private func prepareIncoming() {
        dropIncoming()
        let next: SpeechToSpeech
        do {
            next = try stages.openIncoming { note(failure: $1.code, of: $0) }
        } catch {
            return submitNext(.pipelineRefused(message: "the model cannot be had: \(error.message)"))
        }
        incoming = next
        introduce(next.current, history: conversation.historySoFar)
        later(Self.patience) { session in
            guard session.incoming === next, !next.current.isReady else { return }
            session.refuseIncoming("provider.timeout")
        }
    }

    /// - Returns: false when the link is none of a model that is to take over.
    func receiveIncoming(_ event: StageEvent, fromLink number: Int) -> Bool {
        guard let incoming, stages.speaker == nil, incoming.link(number) != nil else { return false }
        switch event.kind {
        case .ready:
            incoming.current.isReady = true
            considerIncoming()
        case .failed(_, let code, let message, _):
            onWarning("s2s failed: \(code) \(message)")
            refuseIncoming(code, retryAfter: event.retryAfter)
        default: break
        }
        return true
    }

    /// - Returns: false when the link is none of a model that is to take over.
    func refuseIncoming(_ link: SpeechToSpeech.Link, _ code: String) -> Bool {
        guard incoming?.current === link else { return false }
        refuseIncoming(code)
        return true
    }

    private func refuseIncoming(_ code: String, retryAfter: Duration? = nil) {
        if let link = incoming?.current { count(code, of: link, retryAfter: retryAfter) }
        dropIncoming()
        submit(.pipelineRefused(message: "the model cannot be had (\(code))"))
    }

    /// After each input: takes over between two turns, when the model is ready and knows all that was said.
    func considerIncoming() {
        guard let next = incoming, !isOver else { return }
        guard conversation.awaitedPipeline == .s2s else { return dropIncoming() }
        guard conversation.isBetweenTurns else { return }
        guard next.current.historyChanges == conversation.historyChanges else { return prepareIncoming() }
        guard next.current.isReady else { return }
        incoming = nil
        stages.use(next)
        noteProviders()
        requests = OpenRequests()
        utterance = 0
        // Not what the cascade has answered: it heard silence for longer than this.
        turnEnded = max(turnEnded, heardSamples - Int64(next.rates.pipeline / 5))
        submit(.pipelineReady(.s2s, hasTurnStage: false))
        repeatAudio(next)
    }

    func dropIncoming() {
        for stage in incoming?.sessions ?? [] { stage.close {} }
        incoming = nil
    }
}
