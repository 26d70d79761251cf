// SPDX-License-Identifier: Apache-2.0

internal import SyrinxHost

extension CallSession {
    /// The provider that is at work as a stage of this kind has failed, whichever of a chain it is. The application's own
    /// agent is nobody's build.
    func blame(_ kind: PluginKind) {
        let stage =
            switch kind {
            case .backend: stages.backend
            case .vad: stages.vad
            case .turn: stages.turn
            default: stages.session(kind)
            }
        if let stage { outcomes.failed(generation: stage.provider.descriptor.generation) }
    }

    func tellObservers(of failure: String, _ stage: PreparedProfile.Stage) {
        let descriptor = stage.provider.descriptor
        for observer in observers {
            observer.failed(kind: descriptor.kind.name, provider: descriptor.reference, code: failure)
        }
    }

    /// Tells observers who serves a stage now, where that is another.
    func noteProviders() {
        for (kind, provider) in stages.providers where providers[kind] != provider {
            providers[kind] = provider
            for observer in observers { observer.served(kind: kind, by: provider) }
        }
    }
}

extension CallStages {
    /// Those that are at work in a chain of providers, by kind.
    var providers: [String: String] {
        var providers: [String: String] = [:]
        for (kind, chain) in chains { providers[kind.name] = chain.current.provider.descriptor.reference }
        if let speaker { providers[PluginKind.s2s.name] = speaker.chain.current.provider.descriptor.reference }
        return providers
    }
}
