// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// One stage of a profile: which provider, its configuration (by the provider's `config_schema`) and the options of
/// each session (by its `session_schema`).
///
/// Both are objects, checked when the provider is known.
package struct StageConfig: Sendable, Hashable {
    package var provider: ProviderReference
    package var config: JSONValue
    package var options: JSONValue
    /// Who takes over when the provider fails, in this order.
    package var fallback: [StageConfig] = []
    var source: StageSource

    /// For stages that code defines; their issues name no file.
    package init(provider: ProviderReference, config: JSONValue = [:], options: JSONValue = [:]) {
        self.init(
            provider: provider,
            config: config,
            options: options,
            source: StageSource(text: SourceText("", file: "built-in"), provider: SourcePlace(line: 1, column: 1))
        )
    }

    init(provider: ProviderReference, config: JSONValue = [:], options: JSONValue = [:], source: StageSource) {
        self.provider = provider
        self.config = config
        self.options = options
        self.source = source
    }

    /// The same stage is the same wherever it stands in a file: a reload must not see a moved line as a change.
    package static func == (left: StageConfig, right: StageConfig) -> Bool {
        (left.provider, left.config, left.options) == (right.provider, right.config, right.options)
            && left.fallback == right.fallback
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(provider)
        hasher.combine(config)
        hasher.combine(options)
        hasher.combine(fallback)
    }
}

/// What a profile says of a stage.
package enum StageOverlay: Hashable, Sendable {
    /// `none`: not even the stage of the extended profile.
    case absent
    case use(StageConfig)

    package var stage: StageConfig? {
        if case .use(let stage) = self { stage } else { nil }
    }
}
