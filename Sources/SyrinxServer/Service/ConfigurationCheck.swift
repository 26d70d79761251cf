// SPDX-License-Identifier: Apache-2.0

package import SyrinxConfig
internal import SyrinxCore
package import SyrinxHost

/// The half of checking a configuration that needs the plugins: does each provider exist, and does it take what the
/// file gives it? Issues stand at their place in the file.
package enum ConfigurationCheck {
    package static func issues(_ configuration: Configuration, registry: PluginRegistry) -> [ConfigIssue] {
        let profiles = configuration.profiles.sorted { $0.key < $1.key }.map(\.value)
        let tenants = configuration.tenants.sorted { $0.key < $1.key }.map(\.value.providers)
        return (profiles + tenants).flatMap { profile in
            profile.stages.flatMap { key, stage in
                PluginKind(stage: key).map { kind in
                    ([stage] + stage.fallback).flatMap { issues($0, kind, registry) }
                } ?? []
            }
        }
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
        return found + optionIssues(stage, descriptor)
    }

    private static func optionIssues(_ stage: StageConfig, _ descriptor: ProviderDescriptor) -> [ConfigIssue] {
        guard let schema = descriptor.sessionSchema else {
            guard stage.options.object?.isEmpty == false else { return [] }
            return [stage.issue("\(descriptor.reference) takes no options", fix: "put them into `config`")]
        }
        return schema.validate(schema.fillingDefaults(stage.options), hiding: stage.hidden(in: .options))
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
        default: return nil
        }
    }
}
