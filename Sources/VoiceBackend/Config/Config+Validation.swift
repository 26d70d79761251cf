// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxHost

extension Config {
    /// Everything wrong with the values alone; no plugin is asked.
    var rangeIssues: [ConfigIssue] {
        var issues: [ConfigIssue] = []
        check("latency_target", latencyTarget, .milliseconds(100), .seconds(5), &issues)
        check("timeout", timeout, .seconds(1), .seconds(300), &issues)
        check("retry_delay", retryDelay, .milliseconds(100), .seconds(30), &issues)
        if !(0...10).contains(maxRetries) {
            issues.append(ConfigIssue("max_retries", "\(maxRetries) is not in 0...10"))
        }
        if !(0...100).contains(latencySwitchAfter) {
            issues.append(ConfigIssue("latency_switch_after", "\(latencySwitchAfter) is not in 0...100"))
        }
        if !(0...1000).contains(hybridAfterTools) {
            issues.append(ConfigIssue("hybrid_after_tools", "\(hybridAfterTools) is not in 0...1000"))
        }
        if maxConcurrentSessions < 0 {
            issues.append(
                ConfigIssue("max_concurrent_sessions", "\(maxConcurrentSessions) is below 0; 0 means no limit"))
        }
        return issues + conversation.issues
    }

    /// Everything wrong with the pipeline for the plugins that are loaded: any registered provider is good.
    func pipelineIssues(_ registry: PluginRegistry) -> [ConfigIssue] {
        var issues: [ConfigIssue] = []
        let needed: [Stage] =
            isHybrid ? [.stt, .tts, .vad, .s2s] : pipelineType == .sttTTS ? [.stt, .tts, .vad] : [.s2s]
        for stage in needed where provider(of: stage) == nil {
            let who = isHybrid ? "a hybrid" : "a pipeline of type `\(pipelineType.rawValue)`"
            issues.append(ConfigIssue(stage.providerKey, "\(who) needs one"))
        }
        for stage in usedStages {
            if let name = provider(of: stage) {
                let check = StageCheck(stage: stage, settings: settings(of: stage), registry: registry)
                issues += check.issues(name) + check.fallbackIssues
            } else if stages[stage] != nil {
                issues.append(
                    ConfigIssue("stages.\(stage.rawValue)", "there is no \(stage.providerKey) that it is for"))
            }
        }
        return issues
    }

    private func check(
        _ key: String, _ value: Duration, _ low: Duration, _ high: Duration, _ issues: inout [ConfigIssue]
    ) {
        guard value < low || value > high else { return }
        let range = "\(DurationText.text(low)) to \(DurationText.text(high))"
        issues.append(ConfigIssue(key, "\(DurationText.text(value)) is not in \(range)"))
    }
}

extension ConversationConfig {
    fileprivate var issues: [ConfigIssue] {
        var issues: [ConfigIssue] = []
        let durations = [
            ("min_silence", minSilence), ("min_endpointing_delay", minEndpointingDelay),
            ("max_endpointing_delay", maxEndpointingDelay), ("min_interruption", minInterruption),
            ("filler_after", fillerAfter),
            ("away_after", awayAfter), ("idle_timeout", idleTimeout), ("max_duration", maxDuration ?? .zero),
        ]
        for (key, value) in durations where value < .zero || value > .seconds(24 * 3600) {
            issues.append(ConfigIssue("conversation.\(key)", "\(value) is not in 0s to 24h"))
        }
        for language in languages where !LanguageTag.isValid(language) {
            issues.append(ConfigIssue("conversation.languages", "`\(language)` is no tag of a language"))
        }
        if minEndpointingDelay > maxEndpointingDelay {
            issues.append(ConfigIssue("conversation.min_endpointing_delay", "it is above max_endpointing_delay"))
        }
        return issues
    }
}

/// Checks one stage against what is loaded.
private struct StageCheck {
    let stage: Stage
    let settings: StageConfig
    let registry: PluginRegistry

    func issues(_ name: String) -> [ConfigIssue] {
        let descriptor: ProviderDescriptor
        do {
            descriptor = try registry.find(stage.kind, try ProviderReference(name))
        } catch {
            return [ConfigIssue(stage.providerKey, error.message + (error.fix.map { "; \($0)" } ?? ""))]
        }
        let config = issues(settings.config, descriptor.configSchema, "config")
        guard let schema = descriptor.sessionSchema else {
            guard settings.options != [:] else { return config }
            return config + [ConfigIssue("\(place).options", "\(descriptor.id) takes no options per session")]
        }
        return config + issues(settings.options, schema, "options")
    }

    var fallbackIssues: [ConfigIssue] {
        guard !settings.fallback.isEmpty else { return [] }
        guard [.stt, .agent, .tts, .s2s].contains(stage) else {
            return [ConfigIssue("\(place).fallback", "only stt, agent, tts and s2s may have one")]
        }
        var issues: [ConfigIssue] = []
        for name in settings.fallback {
            do {
                _ = try registry.find(stage.kind, try ProviderReference(name))
            } catch {
                issues.append(ConfigIssue("\(place).fallback", error.message + (error.fix.map { "; \($0)" } ?? "")))
            }
        }
        return issues
    }

    private func issues(_ value: ConfigValue, _ schema: JSONSchema, _ part: String) -> [ConfigIssue] {
        schema.validate(schema.fillingDefaults(value.json)).map { issue in
            let path = "\(place).\(part)\(String(describing: issue.path).dropFirst())"
            return ConfigIssue(path, issue.message + (issue.fix.map { ", \($0)" } ?? ""))
        }
    }

    private var place: String { "stages.\(stage.rawValue)" }
}
