// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore
package import SyrinxHost

/// A provider chosen for one stage of a pipeline.
package struct StagePlan: Sendable, Equatable {
    package var kind: PluginKind
    package var provider: ProviderReference
    /// For the provider (shared by all its sessions), and for each session.
    package var config: JSONValue
    package var options: JSONValue
    /// Options of sessions by their language, laid over ``options``; `default` for all others.
    package var voices: [String: JSONValue] = [:]
    /// Where secrets stand in either: no message shows what is there.
    package var hidden: Set<JSONPath>
    /// Who takes over when the provider fails, in this order.
    package var fallback: [StagePlan] = []

    package init(
        _ kind: PluginKind, _ provider: ProviderReference, config: JSONValue = .object([:]),
        options: JSONValue = .object([:]), hidden: Set<JSONPath> = []
    ) {
        self.kind = kind
        self.provider = provider
        self.config = config
        self.options = options
        self.hidden = hidden
    }
}

/// A named pipeline: which providers, and how the conversation is led.
package struct Profile: Sendable, Equatable {
    package var name: String
    package var about: String
    /// Whose it is. The same name may mean another pipeline to each tenant.
    package var tenant: String
    /// Stages that this tenant has for itself; their providers are opened for it alone.
    package var ownStages: Set<PluginKind>
    /// Rates are set per session, from the client's.
    package var conversation: Options
    /// When a session leaves its pipeline for the other one by itself; counts where the profile has both.
    package var hybrid: HybridOptions
    /// When a slow stage is given to another provider; nil: never.
    package var latency: LatencyRule?
    package var failover = FailoverRule()
    /// When a second provider is asked for the same as a slow one; nil: never.
    package var hedging: HedgingRule?
    /// How much of the conversation the agent or model is told.
    package var history = HistoryWindow()
    package var backend: StagePlan?
    package var filters: [StagePlan]
    package var vad: StagePlan?
    package var stt: StagePlan?
    package var turn: StagePlan?
    package var agent: StagePlan?
    package var tts: StagePlan?
    package var s2s: StagePlan?
    /// Phrases that callers are likely to say, for recognisers that can use them; nil = those of the agent's own
    /// dialogue, if its plugin comes with some.
    package var hints: [String]?
    /// Stage options that a client may set in the query of `/v1/talk`, and the kinds that take them. `vad` itself lets
    /// the client name the VAD. Meant for measuring; empty for real profiles.
    package var queryOptions: [String: PluginKind]
    package var clientMayChooseVAD: Bool

    package init(name: String, about: String = "") {
        self.name = name
        self.about = about
        tenant = "default"
        ownStages = []
        conversation = Options()
        hybrid = HybridOptions()
        filters = []
        queryOptions = [:]
        clientMayChooseVAD = false
    }

    /// In the order of the pipeline.
    package var stages: [StagePlan] {
        [backend].compactMap(\.self) + filters + [vad, stt, turn, agent, tts, s2s].compactMap(\.self)
    }
}
