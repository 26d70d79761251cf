// SPDX-License-Identifier: Apache-2.0

package import SyrinxConfig
internal import SyrinxCore
package import SyrinxHost
internal import SyrinxRuntime

/// The half of checking a configuration that needs the plugins: does each provider exist, and does it take what the
/// file gives it? Issues stand at their place in the file.
package enum ConfigurationCheck {
    package static func issues(_ configuration: Configuration, registry: PluginRegistry) -> [ConfigIssue] {
        let profiles = configuration.profiles.sorted { $0.key < $1.key }.map(\.value)
        let tenants = configuration.tenants.sorted { $0.key < $1.key }.map(\.value.providers)
        let doors = configuration.doors.sorted { $0.key < $1.key }.map(\.value.stages)
        let ofStages = ((profiles + tenants).map(\.stages) + doors).flatMap { stages in
            stages.flatMap { key, stage in
                PluginKind(stage: key).map { kind in
                    ([stage] + stage.fallback).flatMap { issues($0, kind, registry) }
                } ?? []
            }
        }
        return ofStages + voiceIssues(configuration, registry)
    }

    /// Options of voices fit the provider that has the stage, in each profile of each tenant. The same fault of many is
    /// told once.
    private static func voiceIssues(_ configuration: Configuration, _ registry: PluginRegistry) -> [ConfigIssue] {
        var found: [ConfigIssue] = []
        for (_, tenant) in configuration.servedTenants.sorted(by: { $0.key < $1.key }) {
            for name in configuration.profileNames(of: tenant) {
                guard let (builtIn, profile) = configuration.overlay(for: name, tenant: tenant),
                    !profile.voices.isEmpty, let stage = voice(of: profile, builtIn),
                    let descriptor = try? registry.find(.tts, stage.provider)
                else { continue }
                for (_, options) in profile.voices.sorted(by: { $0.key < $1.key }) {
                    for issue in optionIssues(stage.with(options), descriptor) where !found.contains(issue) {
                        found.append(issue)
                    }
                }
            }
        }
        return found
    }

    /// Nil: the profile has no voice.
    private static func voice(of profile: ProfileConfig, _ builtIn: String) -> StageConfig? {
        if let overlay = profile.tts { return overlay.stage }
        guard profile.pipeline != .s2s,
            let plan = BuiltInProfiles.all.first(where: { $0.name == builtIn })?.tts
        else { return nil }
        return StageConfig(provider: plan.provider, config: plan.config, options: plan.options)
    }

    private static func issues(_ stage: StageConfig, _ kind: PluginKind, _ registry: PluginRegistry) -> [ConfigIssue] {
        let descriptor: ProviderDescriptor
        do {
            descriptor = try registry.find(kind, stage.provider)
        } catch {
            return [stage.issue(error.message, fix: error.fix)]
        }
        let config = descriptor.configSchema.validate(
            descriptor.configSchema.fillingDefaults(stage.config), hiding: stage.hidden(in: .config))
        let found = config.map { stage.issue(for: $0, in: .config, secrets: descriptor.configSchema.secretPaths) }
        return found + optionIssues(stage, descriptor, isWhole: kind != .backend)
    }

    /// - Parameter isWhole: false when a call brings options of its own, `POST /v1/calls`: what is missing may come with it.
    private static func optionIssues(
        _ stage: StageConfig, _ descriptor: ProviderDescriptor, isWhole: Bool = true
    ) -> [ConfigIssue] {
        guard let schema = descriptor.sessionSchema else {
            guard stage.options.object?.isEmpty == false else { return [] }
            return [stage.issue("\(descriptor.reference) takes no options", fix: "put them into `config`")]
        }
        return schema.validate(schema.fillingDefaults(stage.options), hiding: stage.hidden(in: .options))
            .filter { isWhole || !$0.isMissingKey || $0.path != .root }
            .map { stage.issue(for: $0, in: .options, secrets: schema.secretPaths) }
    }
}

extension PluginKind {
    /// The kind of the providers under a key of a profile.
    init?(stage key: String) {
        switch key {
        case "vad": self = .vad
        case "filters": self = .filter
        case "stt": self = .stt
        case "turn": self = .turn
        case "agent": self = .agent
        case "tts": self = .tts
        case "s2s": self = .s2s
        case "backend": self = .backend
        case "transport": self = .transport
        default: return nil
        }
    }
}
