// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

/// A provider has failed, or says nothing: another takes its stage over and is asked for what is owed, as when a helper
/// process dies. The caller's audio since the utterance began is replayed, the prompt repeated, the rest of the speech
/// spoken; the conversation is told only when nobody is left.
extension CallSession {
    /// How long a provider that has others behind it may keep the caller waiting.
    enum AttemptLimit {
        /// For the first word of an answer, for the first audio of a clause, for the text after the caller's last word.
        static let agent = Duration.seconds(5)
        static let speech = Duration.milliseconds(2500)
        static let transcript = Duration.seconds(3)
    }

    /// A second provider needs time, too; still no turn is without an outcome after eight seconds.
    static func allowForFallback(_ options: inout Options, _ prepared: PreparedProfile) {
        if [prepared.agent, prepared.s2s].contains(where: { $0?.fallback.isEmpty == false }) {
            options.timeouts.agentFirstToken = max(options.timeouts.agentFirstToken, .milliseconds(7500))
        }
        if prepared.tts?.fallback.isEmpty == false {
            options.timeouts.speechFirstByte = max(options.timeouts.speechFirstByte, AttemptLimit.speech * 2)
        }
    }

    /// - Returns: true when the request is being asked for again, or has been answered with its failure here.
    func takeOver(
        _ kind: PluginKind, _ request: UInt64, code: String, retryable: Bool, retryAfter: Duration? = nil
    ) -> Bool {
        guard let current = stages.chains[kind]?.current else { return false }
        note(failure: code, of: current, retryAfter: retryAfter)
        stages.chains[kind]?.failed()
        guard isOwed(kind, request) else { return false }
        return passOn(kind, code: code)
            || tryOnceMore(kind, request, code: code, retryable: retryable, retryAfter: retryAfter)
    }

    /// The provider at work has failed: the next one has the stage, and is asked for what is owed.
    /// - Returns: false when there is none.
    private func passOn(_ kind: PluginKind, code: String) -> Bool {
        guard let failed = stages.chains[kind]?.current.provider.descriptor.reference else { return false }
        if let next = promoteHedge(kind) {
            announce(
                "\(kind.name): \(failed) failed (\(code)), \(next) is asked already and goes on",
                code: "provider.failover")
            return true
        }
        if let next = stages.switchOver(kind, toAnother: true) {
            announce(
                "\(kind.name): \(failed) failed (\(code)), \(next) goes on", code: "provider.failover")
            resume(CallStages.Lost(kind: kind, isReplaced: true))
            return true
        }
        return false
    }

    /// The helper of the provider at work is dead, and none can be had.
    /// - Returns: false when no other provider can be had, either.
    func passOn(lost kind: PluginKind) -> Bool {
        guard let chain = stages.chains[kind], !chain.candidates.isEmpty else { return false }
        let code = ProviderErrorClass.connectivity.code
        note(failure: code, of: chain.current)
        stages.chains[kind]?.failed()
        return passOn(kind, code: code)
    }

    /// The same provider, after a moment, once for each request. A voice is asked again by the conversation itself.
    private func tryOnceMore(
        _ kind: PluginKind, _ request: UInt64, code: String, retryable: Bool, retryAfter: Duration?
    ) -> Bool {
        guard kind != .tts, FailureClass.mayRetry(code, retryable: retryable), retried[kind] != request else {
            return false
        }
        // An answer that has begun cannot be asked for again.
        guard kind != .agent || requests.prompt != nil else { return false }
        let pause = max(Backoff.pause(attempt: 0, random: Double.random(in: 0..<1)), retryAfter ?? .zero)
        guard pause <= .seconds(2) else { return false }
        retried[kind] = request
        let awaited = kind == .agent ? requests.prompt?.generation ?? 0 : request
        let stage = stages.session(kind)?.handle
        later(pause) { session in
            // Meanwhile the caller may have gone on to something else, which is answered already.
            guard session.stages.session(kind)?.handle == stage else { return }
            if awaited == 0 || session.isWaiting(kind, awaited) { session.again(kind, code: code) }
        }
        return true
    }

    private func again(_ kind: PluginKind, code: String) {
        let isReplaced = stages.switchOver(kind, toAnother: false) != nil
        resume(CallStages.Lost(kind: kind, isReplaced: isReplaced), code: code)
    }

    /// Whether the conversation still waits for what the stage was asked for.
    private func isOwed(_ kind: PluginKind, _ request: UInt64) -> Bool {
        switch kind {
        case .stt: request == 0 || requests.utterances.contains { $0.number == request }
        case .agent: requests.answering != nil && (request == 0 || requests.answering == request)
        case .tts: request == 0 || (requests.voice == request && requests.owesSpeech)
        default: false
        }
    }

    /// The stage has done what it was asked.
    func succeeded(_ kind: PluginKind) {
        guard let chain = stages.chains[kind] else { return }
        breakers.succeeded(chain.current.breakerKey(tenant: request.tenant))
        guard chain.hasOthers else { return }
        stages.chains[kind]?.succeeded()
    }

    func note(failure code: String, of stage: PreparedProfile.Stage, retryAfter: Duration? = nil) {
        tellObservers(of: code, stage)
        // Builds of local engines that fail are taken back as a whole; a breaker would only be in the way.
        guard FailureClass.counts(code), stage.provider.usesNetwork else { return }
        let key = stage.breakerKey(tenant: request.tenant)
        guard breakers.failed(key, at: now(), retryAfter: retryAfter) else { return }
        onWarning("\(key.kind) \(key.provider): left alone for a while, it has failed again and again")
    }

    /// What the conversation found out by waiting.
    func noteTimeout(_ event: SessionEvent) {
        let code: String? =
            switch event {
            case .warning(let code, _): code
            case .turnEnded(let report): report.failure
            default: nil
            }
        let kind: PluginKind? =
            switch code {
            case "transcript.timeout": .stt
            case "agent.timeout": .agent
            case "speech.timeout": .tts
            default: nil
            }
        guard let code, let kind else { return }
        if let speaker = stages.speaker, kind == .agent || (kind == .tts && stages.tts == nil) {
            count(code, of: speaker.current)
        } else if let chain = stages.chains[kind] {
            blame(kind)
            note(failure: code, of: chain.current)
        }
    }

    // MARK: providers that say nothing

    /// Watches a request for which another provider could still be asked.
    func watch(_ kind: PluginKind, _ request: UInt64) {
        guard let chain = stages.chains[kind], chain.hasOthers, !chain.candidates.isEmpty else { return }
        let provider = chain.index
        let limit =
            switch kind {
            case .agent: AttemptLimit.agent
            case .tts: AttemptLimit.speech
            default: AttemptLimit.transcript
            }
        let session = LoopBound(self)
        _ = executor.schedule(after: limit) {
            guard !session.value.isOver else { return }
            session.value.attemptIsOver(kind, request, provider: provider)
        }
    }

    private func attemptIsOver(_ kind: PluginKind, _ request: UInt64, provider: Int) {
        guard stages.chains[kind]?.index == provider, isWaiting(kind, request) else { return }
        blame(kind)
        _ = takeOver(kind, request, code: "provider.timeout", retryable: true)
    }

    /// Whether nothing of the answer has come yet.
    func isWaiting(_ kind: PluginKind, _ request: UInt64) -> Bool {
        switch kind {
        case .stt: requests.utterances.contains { $0.number == request }
        case .agent: requests.prompt?.generation == request
        case .tts: requests.voice == request && !requests.voiceBegan && requests.owesSpeech
        default: false
        }
    }

    /// Observers write it to the log.
    func announce(_ message: String, code: String) {
        let time = now()
        let event = SessionEvent.warning(code: code, message: message)
        for observer in observers { observer.noted(event, at: time) }
        transport?.send(event: event, at: time)
    }
}
