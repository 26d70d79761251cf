// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAudio
internal import SyrinxCore
internal import SyrinxHost

extension CallStages {
    /// Opens a stage on the first of its providers that may be asked and has room.
    /// - Throws: what the last one answered; `provider.unavailable` when the breakers of all are open.
    mutating func openFirst(_ stage: PreparedProfile.Stage, _ opener: StageOpener) throws(SyrinxError) -> StageSession {
        var chain = StageChain(stage)
        let setup = opener.setup
        var failure = SyrinxError(
            "provider.unavailable",
            "\(stage.provider.descriptor.reference) has failed again and again and is left alone",
            fix: "try again in half a minute; `syrinx status` shows the open breakers", retryable: true)
        for index in chain.all.indices {
            let next = chain.all[index]
            let key = next.breakerKey(tenant: setup.request.tenant)
            guard setup.breakers.admits(key, at: setup.now()) else { continue }
            do {
                let session = try open(next, opener)
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
        let setup = opener.setup
        for index in toAnother ? chain.candidates : [chain.index] {
            let next = chain.all[index]
            let isAdmitted = setup.breakers.admits(next.breakerKey(tenant: setup.request.tenant), at: setup.now())
            guard isAdmitted || !toAnother, let session = try? open(next, opener) else { continue }
            chain.use(index)
            chains[kind] = chain
            put(session, in: kind)
            return next.provider.descriptor.reference
        }
        return nil
    }

    private mutating func open(
        _ stage: PreparedProfile.Stage, _ opener: StageOpener
    ) throws(SyrinxError) -> StageSession {
        guard stage.provider.descriptor.kind == .tts else { return try opener.open(stage, input: inputRate) }
        let native = stage.provider.descriptor.capabilities.outputRate(preferring: opener.setup.request.rate)
        return try opener.open(stage, input: inputRate, output: native)
    }

    private mutating func put(_ session: StageSession, in kind: PluginKind) {
        let old: StageSession?
        switch kind {
        case .stt:
            old = stt
            stt = session
            sttTakesUtterancesOnly = session.provider.descriptor.capabilities.wantsUtterancesOnly
        case .agent:
            old = agentStage
            agent = PluginAgent(session)
        case .tts:
            old = tts
            tts = session
            convert(from: session.outputRate)
        default: old = nil
        }
        old?.close {}
    }
}
