// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxHost

extension PreparedProfile {
    /// The profile as one session gets it: on each stage the generation that all take, or the one that this session is
    /// to try. The session stays on it to its end.
    package func chosen(tenant: String, session: String) -> PreparedProfile {
        guard stages.contains(where: { $0.trial != nil }) else { return self }
        var chosen = self
        chosen.backend = backend?.chosen(tenant, session)
        chosen.filters = filters.map { $0.chosen(tenant, session) }
        chosen.vad = vad?.chosen(tenant, session)
        chosen.stt = stt?.chosen(tenant, session)
        chosen.turn = turn?.chosen(tenant, session)
        chosen.agent = agent?.chosen(tenant, session)
        chosen.tts = tts?.chosen(tenant, session)
        chosen.s2s = s2s?.chosen(tenant, session)
        chosen.adoptHangover()
        return chosen
    }
}

extension PreparedProfile.Stage {
    fileprivate func chosen(_ tenant: String, _ session: String) -> PreparedProfile.Stage {
        let generation = trial?.lease.provider.descriptor.generation ?? 0
        guard let trial, trial.plan.includes(tenant: tenant, session: session, generation: generation) else {
            return self
        }
        return PreparedProfile.Stage(
            lease: trial.lease, options: trial.options, voices: trial.voices, fallback: fallback)
    }
}
