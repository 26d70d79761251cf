// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

/// An agent or a voice keeps the caller waiting for longer than it usually does: the next provider of its chain is asked
/// for the same, too. The first to answer has the stage from there on, and the other is cancelled. Where the profile says
/// so; slow is not broken, and no breaker counts it.
extension CallSession {
    private var hedging: HedgingRule? { stages.opener?.setup.prepared.profile.hedging }

    /// What was just asked of a stage may be asked of another, too.
    func considerHedge(_ kind: PluginKind, _ generation: UInt64) {
        dropHedge(kind)
        guard let rule = hedging?.limits[kind], let chain = stages.chains[kind], !chain.candidates.isEmpty else {
            return
        }
        let limit: Duration? =
            switch rule {
            case .after(let time): time
            case .usual: chain.current.provider.answerTimes.usual
            }
        guard let limit else { return }
        let provider = chain.index
        let session = LoopBound(self)
        _ = executor.schedule(after: limit) {
            guard !session.value.isOver else { return }
            session.value.hedge(kind, generation, provider: provider, after: limit)
        }
    }

    private func hedge(_ kind: PluginKind, _ generation: UInt64, provider: Int, after limit: Duration) {
        guard stages.chains[kind]?.index == provider, isWaiting(kind, generation), stages.hedges[kind] == nil,
            let hedge = stages.openHedge(kind, generation, at: now())
        else { return }
        let refused = kind == .agent ? askAgent(hedge) : askVoice(hedge)
        if let refused { return hedgeFailed(hedge, code: refused) }
    }

    private func askAgent(_ hedge: Hedge) -> String? {
        guard let prompt = requests.prompt else { return nil }
        return hedge.agent?.prompt(prompt)
    }

    private func askVoice(_ hedge: Hedge) -> String? {
        for clause in requests.unheard {
            if let refused = ask(hedge, for: clause) { return refused }
        }
        return nil
    }

    /// A clause that is asked for while nothing of its speech has come.
    func hedge(_ clause: OpenRequests.Clause, of generation: UInt64) {
        guard let hedge = stages.hedges[.tts], hedge.generation == generation else { return }
        if let refused = ask(hedge, for: clause) { hedgeFailed(hedge, code: refused) }
    }

    private func ask(_ hedge: Hedge, for clause: OpenRequests.Clause) -> String? {
        usage.spokenCharacters += clause.text.count
        let status = hedge.session.send(clause.request, generation: hedge.generation)
        return status < 0 ? ProviderErrorClass(status: status).code : nil
    }

    // MARK: who was first

    /// The provider at work answers; before what it answers is taken.
    func answered(_ kind: PluginKind, _ generation: UInt64) {
        guard hedging?.limits[kind] != nil, isWaiting(kind, generation) else { return }
        noteAnswerTime(kind)
        guard let hedge = stages.hedges[kind], hedge.generation == generation else { return }
        usage.hedges[kind.name, default: HedgeCounts()].lost += 1
        dropHedge(kind)
    }

    /// An event of a second provider, or of one that was.
    func receive(_ event: StageEvent, from kind: PluginKind, by ticket: HedgeTicket) {
        if ticket.isAtWork { return receive(event, from: kind) }
        guard let hedge = stages.hedges[kind], hedge.ticket === ticket else { return }
        switch event.kind {
        case .failed(_, let code, let message, _):
            onWarning("\(kind.name), asked as the second: \(code) \(message)")
            hedgeFailed(hedge, code: code, retryAfter: event.retryAfter)
        case .cancelled: hedgeFailed(hedge, code: "provider.cancelled")
        case .delta, .toolCall, .audio, .mark, .done:
            guard event.generation == hedge.generation else { return }
            win(hedge, kind)
            receive(event, from: kind)
        default: break
        }
    }

    private func win(_ hedge: Hedge, _ kind: PluginKind) {
        let slow = stages.chains[kind]?.current.provider.descriptor.reference ?? ""
        let waited = requests.asked(kind).map { now() - $0 } ?? .zero
        noteAnswerTime(kind)
        hedge.stage.provider.answerTimes.note(now() - hedge.asked)
        stages.take(hedge)
        noteProviders()
        usage.hedges[kind.name, default: HedgeCounts()].won += 1
        announce(
            "\(kind.name): \(slow) said nothing for \(waited.nanoseconds / 1_000_000) ms, "
                + "\(hedge.stage.provider.descriptor.reference) was asked, too, answered first and goes on",
            code: "provider.hedged")
    }

    /// Of the provider at work, as far as it has been waited for.
    private func noteAnswerTime(_ kind: PluginKind) {
        guard let asked = requests.asked(kind), let chain = stages.chains[kind] else { return }
        chain.current.provider.answerTimes.note(now() - asked)
    }

    // MARK: one of them fails

    /// The one at work has failed: the second, which is asked already, has the stage.
    /// - Returns: its name; nil where none was asked.
    func promoteHedge(_ kind: PluginKind) -> String? {
        guard let hedge = stages.hedges[kind], isWaiting(kind, hedge.generation) else { return nil }
        usage.hedges[kind.name, default: HedgeCounts()].won += 1
        stages.take(hedge)
        noteProviders()
        watch(kind, hedge.generation)
        return hedge.stage.provider.descriptor.reference
    }

    private func hedgeFailed(_ hedge: Hedge, code: String, retryAfter: Duration? = nil) {
        let kind = hedge.stage.provider.descriptor.kind
        usage.hedges[kind.name, default: HedgeCounts()].failed += 1
        outcomes.failed(generation: hedge.stage.provider.descriptor.generation)
        note(failure: code, of: hedge.stage, retryAfter: retryAfter)
        stages.chains[kind]?.failed(hedge.index)
        dropHedge(kind)
    }

    /// What it was asked for is not wanted any more, or comes from the other.
    func dropHedge(_ kind: PluginKind) {
        guard let hedge = stages.hedges.removeValue(forKey: kind) else { return }
        hedge.session.cancel(hedge.generation)
        hedge.session.close {}
    }

    func dropHedge(_ kind: PluginKind, of generation: UInt64) {
        if stages.hedges[kind]?.generation == generation { dropHedge(kind) }
    }
}
