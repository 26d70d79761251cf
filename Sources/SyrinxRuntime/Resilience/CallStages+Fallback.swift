// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAudio
internal import SyrinxCore
internal import SyrinxHost

extension CallStages {
    /// Opens a stage on the first of its providers that may be asked and has room.
    /// - Throws: what the last one answered; `provider.unavailable` when the breakers of all are open.
    mutating func openFirst(_ stage: PreparedProfile.Stage, _ opener: StageOpener) throws(SyrinxError) -> StageSession {
        var chain = StageChain(stage)
        var failure = Self.leftAlone(stage)
        for index in chain.all.indices where opener.admits(chain.all[index]) {
            do {
                let session = try open(chain.all[index], opener)
                chain.use(index)
                chains[stage.provider.descriptor.kind] = chain
                return session
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// Another provider of the chain, or another session of the same one, takes the stage over.
    /// - Returns: the provider's name; nil when none could be had.
    mutating func switchOver(_ kind: PluginKind, toAnother: Bool) -> String? {
        guard let opener, var chain = chains[kind] else { return nil }
        for index in toAnother ? chain.candidates : [chain.index] {
            let next = chain.all[index]
            guard !toAnother || opener.admits(next), let session = try? open(next, opener) else { continue }
            chain.use(index)
            chains[kind] = chain
            put(session, in: kind)
            return next.provider.descriptor.reference
        }
        return nil
    }

    /// Nobody of a chain may be asked.
    static func leftAlone(_ stage: PreparedProfile.Stage) -> SyrinxError {
        SyrinxError(
            "provider.unavailable",
            "\(stage.provider.descriptor.reference) has failed again and again and is left alone",
            fix: "try again in half a minute; `syrinx status` shows the open breakers", retryable: true)
    }

    /// - Parameter hedge: it is opened beside the one at work.
    func open(
        _ stage: PreparedProfile.Stage, _ opener: StageOpener, hedge: HedgeTicket? = nil
    ) throws(SyrinxError) -> StageSession {
        guard stage.provider.descriptor.kind == .tts else {
            return try opener.open(stage, input: inputRate, hedge: hedge)
        }
        let native = stage.provider.descriptor.capabilities.outputRate(preferring: opener.setup.request.rate)
        return try opener.open(stage, input: inputRate, output: native, hedge: hedge)
    }

    /// - Parameter link: the session as an agent, if it is one already.
    mutating func put(_ session: StageSession, in kind: PluginKind, as link: PluginAgent? = nil) {
        let old: StageSession?
        switch kind {
        case .stt:
            old = stt
            stt = session
            sttTakesUtterancesOnly = session.provider.descriptor.capabilities.wantsUtterancesOnly
        case .agent:
            old = agentStage
            agent = link ?? PluginAgent(session)
        case .tts:
            old = tts
            tts = session
            convert(from: session.outputRate)
        default: old = nil
        }
        old?.close {}
    }
}

extension StageOpener {
    /// Whether a provider's breaker lets this session ask it.
    func admits(_ stage: PreparedProfile.Stage) -> Bool {
        setup.breakers.admits(stage.breakerKey(tenant: setup.request.tenant), at: setup.now())
    }
}
