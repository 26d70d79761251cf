// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// A provider by id, and by version where it is pinned: `energy`, `energy@1`, `acme.stt@2.1`.
package struct ProviderReference: Hashable, Sendable, CustomStringConvertible {
    package var id: String
    package var version: String?

    package init(id: String, version: String? = nil) {
        self.id = id
        self.version = version
    }

    /// Any id that a plugin may register is valid; whether one did is the registry's question.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), text.utf8.count <= 128, parts.allSatisfy(Self.isWord) else { return nil }
        id = String(parts[0])
        version = parts.count == 2 ? String(parts[1]) : nil
    }

    package var description: String { version.map { "\(id)@\($0)" } ?? id }

    private static func isWord(_ text: Substring) -> Bool {
        let punctuation: Set<Character> = ["-", "_", "."]
        guard let first = text.first, !punctuation.contains(first) else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || punctuation.contains($0)) }
    }
}

/// One stage of a profile: which provider, its configuration (by the provider's `config_schema`) and the options of
/// each session (by its `session_schema`).
///
/// Both are objects, checked when the provider is known.
package struct StageConfig: Sendable, Hashable {
    package var provider: ProviderReference
    package var config: JSONValue
    package var options: JSONValue
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
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(provider)
        hasher.combine(config)
        hasher.combine(options)
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
