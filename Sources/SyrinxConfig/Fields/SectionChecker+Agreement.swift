// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

// Rules that span several keys.

extension SectionChecker {
    mutating func checkAgreement(of configuration: Configuration, in checked: CheckedSection) {
        for (name, section) in checked.named("profiles").sorted(by: { $0.key < $1.key }) {
            checkBase(of: name, section, configuration.profiles)
            checkOrder(section)
            checkPipeline(of: name, section, configuration)
        }
        for (name, section) in checked.named("doors").sorted(by: { $0.key < $1.key }) {
            checkDoor(name, section, configuration)
        }
    }

    /// A speech-to-speech model is there where it is asked for, and decides turns itself; nobody else can.
    private mutating func checkPipeline(of name: String, _ section: CheckedSection, _ configuration: Configuration) {
        guard let profile = configuration.overlay(for: name)?.profile else { return }
        let isSpeechToSpeech = profile.pipeline == .s2s
        let modeNode = section.section("turn_taking").nodes["mode"]
        if let mode = profile.turnTaking.mode, (mode == .s2s) != isSpeechToSpeech, profile.pipeline != .loopback,
            let place = (modeNode ?? section.nodes["pipeline"])?.place
        {
            report(
                at: place, "turn mode `\(mode.rawValue)` does not go with this pipeline",
                fix: isSpeechToSpeech
                    ? "leave `mode` out: the model decides turns" : "mode `s2s` is for `pipeline: s2s`",
                anchor: "turn_taking")
        }
        guard isSpeechToSpeech, profile.s2s?.stage == nil, let node = section.nodes["pipeline"],
            !configuration.tenants.values.contains(where: { $0.providers.s2s?.stage != nil })
        else { return }
        report(at: node.place, "`pipeline: s2s` needs a stage `s2s`", fix: "name its provider", anchor: "profiles")
    }

    /// The extended profile exists, and following `extends` comes to an end.
    private mutating func checkBase(
        of name: String,
        _ section: CheckedSection,
        _ profiles: [String: ProfileConfig]
    ) {
        guard let base = section.text("extends"), let node = section.nodes["extends"] else { return }
        let known = Set(profiles.keys).union(Configuration.builtInProfiles)
        guard known.contains(base) else {
            let close = node.isSecret ? nil : DidYouMean.suggestion(for: base, among: known.sorted())
            report(
                at: node.place,
                "`extends` names a profile that is neither built in nor in this file, found \(node.foundPhrase)",
                fix: close.map { "did you mean `\($0)`?" }
                    ?? "the profiles are: \(known.sorted().joined(separator: ", "))",
                anchor: "profiles"
            )
            return
        }
        var seen = [name]
        var current = base
        while !seen.contains(current), let profile = profiles[current] {
            seen.append(current)
            current = Configuration.base(of: current, profile: profile)
        }
        // A built-in name stands on its built-in profile at the end of the chain.
        let isBuiltInEnd = seen.last == current && Configuration.builtInProfiles.contains(current)
        guard seen.contains(current), !isBuiltInEnd else { return }
        let circle = (seen + [current]).joined(separator: " → ")
        report(at: node.place, "`extends` goes in a circle: \(circle)", anchor: "profiles")
    }

    /// Pairs where one value must not exceed the other.
    ///
    /// Only what the file itself says of both is compared.
    private mutating func checkOrder(_ profile: CheckedSection) {
        let turnTaking = profile.section("turn_taking")
        let pairs = [
            ("vad", "threshold_off", "threshold_on"), ("endpointing", "min_delay", "max_delay"),
            ("endpointing", "judged_min_delay", "judged_max_delay"),
        ]
        for (group, low, high) in pairs {
            let section = turnTaking.section(group)
            let numbers = section.number(low).flatMap { low in section.number(high).map { low > $0 } }
            let durations = section.duration(low).flatMap { low in section.duration(high).map { low > $0 } }
            guard numbers ?? durations ?? false, let place = section.nodes[low]?.place else { continue }
            report(at: place, "`\(low)` must not exceed `\(high)`", anchor: group)
        }
        let speech = profile.section("speech")
        guard let least = speech.integer("min_clause"), let most = speech.integer("max_clause"), least > most,
            let place = speech.nodes["min_clause"]?.place
        else { return }
        report(at: place, "`min_clause` must not exceed `max_clause`", anchor: "speech")
    }
}
