// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SyrinxCore
internal import SyrinxHost

/// Tells the recogniser what callers are likely to say: the profile's phrases, or those that the agent's plugin ships
/// for its own dialogue in `hints.txt` (a phrase a line) beside its manifest.
enum Hints {
    static func applied(to profile: Profile, registry: PluginRegistry) -> Profile {
        guard let stt = profile.stt, let descriptor = try? registry.find(.stt, stt.provider),
            descriptor.configSchema.knownKeys.contains("hints"), !stt.choosesItsSearch,
            let phrases = profile.hints ?? ofAgent(profile, registry, for: descriptor), !phrases.isEmpty
        else { return profile }
        var profile = profile
        var config = stt.config.object ?? [:]
        config["hints"] = .array(phrases.map(JSONValue.string))
        profile.stt?.config = .object(config)
        return profile
    }

    /// Only for the dialogue that the plugin ships: a script of the operator's own has other words. As many as the
    /// recogniser takes: nobody has asked for them, so none of them may cost the profile its recogniser.
    private static func ofAgent(
        _ profile: Profile, _ registry: PluginRegistry, for recogniser: ProviderDescriptor
    ) -> [String]? {
        guard let agent = profile.agent, agent.config.object?.isEmpty ?? true,
            let descriptor = try? registry.find(.agent, agent.provider),
            let bytes = FileManager.default.contents(atPath: descriptor.folder + "/hints.txt"), bytes.count < 1 << 16
        else { return nil }
        let phrases = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        return recogniser.configSchema.fitting(phrases.map { .string(String($0)) }, in: "hints").compactMap(\.string)
    }
}

extension StagePlan {
    /// The operator has already said what to listen for.
    fileprivate var choosesItsSearch: Bool {
        ["hints", "grammar", "keyphrases"].contains { config[$0] != nil || options[$0] != nil }
    }
}
