// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

extension SectionChecker {
    /// `energy`, `energy@1`, `none`, or the long form with `provider`, `config` and `options`.
    mutating func checkStage(_ node: ConfigNode, name: String) -> StageOverlay? {
        if case .scalar(let scalar) = node.content, scalar.text == "none" { return .absent }
        return checkStageConfig(node, name: name).map(StageOverlay.use)
    }

    mutating func checkStages(_ node: ConfigNode, name: String) -> [StageConfig]? {
        guard case .list(let elements) = node.content else {
            if node.isEmpty { return [] }
            report(
                at: node.place,
                "`\(name)` takes a list of stages, found \(node.foundPhrase)",
                fix: "write [webrtc]",
                anchor: "stages"
            )
            return nil
        }
        return elements.compactMap { checkStageConfig($0, name: name) }
    }

    mutating func checkOptions(_ entry: ConfigEntry) -> CheckedValue? {
        guard !entry.value.isFaulty else { return nil }
        let (value, map) = readObject(entry)
        return .options(SessionOptionsConfig(value: value, map: map))
    }

    private mutating func checkStageConfig(_ node: ConfigNode, name: String) -> StageConfig? {
        guard !node.isFaulty else { return nil }
        switch node.content {
        case .scalar(let scalar) where !node.isEmpty:
            guard let provider = checkProvider(scalar, at: node.place, name: name) else { return nil }
            return StageConfig(provider: provider, source: StageSource(text: source, provider: node.place))
        case .mapping(let entries):
            return checkLongForm(entries, at: node.place, name: name)
        case .scalar, .list:
            report(
                at: node.place,
                "`\(name)` takes a provider, found \(node.foundPhrase)",
                fix: "write the provider's id, or { provider: …, config: {…}, options: {…} }",
                anchor: "stages"
            )
            return nil
        }
    }

    private mutating func checkLongForm(
        _ entries: [ConfigEntry],
        at place: SourcePlace,
        name: String
    ) -> StageConfig? {
        var provider: ProviderReference?
        var stage = StageConfig(provider: ProviderReference(id: ""), source: StageSource(text: source, provider: place))
        var hasProvider = false
        for entry in entries {
            switch entry.key {
            case "provider":
                hasProvider = true
                stage.source.provider = entry.value.place
                guard case .scalar(let scalar) = entry.value.content else {
                    report(
                        at: entry.value.place,
                        "`provider` takes a provider's id, found \(entry.value.foundPhrase)",
                        anchor: "stages"
                    )
                    continue
                }
                provider = checkProvider(scalar, at: entry.value.place, name: name)
            case "config": (stage.config, stage.source.config) = readObject(entry)
            case "options": (stage.options, stage.source.options) = readObject(entry)
            case "fallback": stage.fallback = checkFallback(entry.value, of: name)
            default:
                let close = DidYouMean.suggestion(for: entry.key, among: ["provider", "config", "options", "fallback"])
                report(
                    at: entry.keyPlace,
                    "unknown key `\(entry.key.prefix(64))` in \(name)",
                    fix: close.map { "did you mean `\($0)`?" }
                        ?? "the keys here are: provider, config, options, fallback; a provider's own keys stand under `config`",
                    anchor: "stages"
                )
            }
        }
        if !hasProvider { report(at: place, "the stage `\(name)` names no `provider`", anchor: "stages") }
        guard let provider else { return nil }
        stage.provider = provider
        return stage
    }

    /// The providers that take over are a list of stages, none of which has others behind it.
    private mutating func checkFallback(_ node: ConfigNode, of name: String) -> [StageConfig] {
        let kinds = ["stt", "agent", "tts", "s2s"]
        guard kinds.contains(name) else {
            report(
                at: node.place, "`\(name)` takes no `fallback`",
                fix: "it may stand under \(kinds.joined(separator: ", "))", anchor: "stages")
            return []
        }
        let stages = checkStages(node, name: "fallback") ?? []
        for stage in stages where !stage.fallback.isEmpty {
            report(
                at: stage.source.provider, "a stage under `fallback` has a `fallback` itself",
                fix: "write all of them in one list, in the order in which they take over", anchor: "stages")
        }
        return stages
    }

    private mutating func checkProvider(
        _ scalar: ConfigScalar,
        at place: SourcePlace,
        name: String
    ) -> ProviderReference? {
        if let provider = try? ProviderReference(scalar.text) { return provider }
        guard !scalar.isFaulty else { return nil }
        report(
            at: place,
            "`\(name)` takes a provider's id, found \(scalar.foundPhrase)",
            fix: "write `energy` or `energy@1`",
            anchor: "stages"
        )
        return nil
    }

    private mutating func readObject(_ entry: ConfigEntry) -> (JSONValue, SourceMap) {
        var map = SourceMap(text: source)
        if entry.value.isEmpty { return ([:], map) }
        guard case .mapping = entry.value.content else {
            report(
                at: entry.value.place,
                "`\(entry.key)` takes keys and values, found \(entry.value.foundPhrase)",
                anchor: "stages"
            )
            return ([:], map)
        }
        map.add(entry.keyPlace, entry.value, at: .root)
        return (entry.value.jsonValue, map)
    }
}

extension ConfigNode {
    /// The node as JSON, with the rules of ``ConfigScalar/jsonValue``.
    var jsonValue: JSONValue {
        switch content {
        case .scalar(let scalar): scalar.jsonValue
        case .list(let elements): .array(elements.map(\.jsonValue))
        case .mapping(let entries):
            // Duplicates were refused by the loader, the first one stays.
            .object(Dictionary(entries.map { ($0.key, $0.value.jsonValue) }, uniquingKeysWith: { first, _ in first }))
        }
    }
}
