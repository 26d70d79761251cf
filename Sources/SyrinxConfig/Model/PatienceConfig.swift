// SPDX-License-Identifier: Apache-2.0

/// What is said while the agent is slow; nil means "as in the extended profile".
package struct FillerConfig: Hashable, Sendable {
    package var after: Duration?
    /// Empty: nothing is said.
    package var lines: [String]?

    package init() {}

    func over(_ base: FillerConfig) -> FillerConfig {
        var result = base
        result.after = after ?? base.after
        result.lines = lines ?? base.lines
        return result
    }
}

/// When a stage that has lost its connection is given to its fallback; nil means "as in the extended profile".
package struct FailoverConfig: Hashable, Sendable {
    /// Zero: when its provider gives up by itself.
    package var reconnectAfter: Duration?

    package init() {}

    func over(_ base: FailoverConfig) -> FailoverConfig {
        var result = base
        result.reconnectAfter = reconnectAfter ?? base.reconnectAfter
        return result
    }
}

/// When a second provider is asked for the same as a slow one; nil means "as in the extended profile".
package struct HedgingConfig: Hashable, Sendable {
    /// Empty: never.
    package var stages: [String]?
    /// Zero: as long as nearly all of the provider's latest answers took.
    package var agentAfter: Duration?
    package var speechAfter: Duration?

    package init() {}

    func over(_ base: HedgingConfig) -> HedgingConfig {
        var result = base
        result.stages = stages ?? base.stages
        result.agentAfter = agentAfter ?? base.agentAfter
        result.speechAfter = speechAfter ?? base.speechAfter
        return result
    }
}

/// When a session goes from one pipeline to the other; nil means "as in the extended profile".
package struct HybridConfig: Hashable, Sendable {
    /// Zero: never.
    package var afterTools: Int?

    package init() {}

    func over(_ base: HybridConfig) -> HybridConfig {
        var result = base
        result.afterTools = afterTools ?? base.afterTools
        return result
    }
}

/// How much of the conversation an agent or model is told; nil means "as in the extended profile".
package struct HistoryConfig: Hashable, Sendable {
    package var lines: Int?
    package var characters: Int?

    package init() {}

    func over(_ base: HistoryConfig) -> HistoryConfig {
        var result = base
        result.lines = lines ?? base.lines
        result.characters = characters ?? base.characters
        return result
    }
}

/// When a slow stage is given to its fallback; nil means "as in the extended profile".
package struct LatencyConfig: Hashable, Sendable {
    /// Zero: never.
    package var target: Duration?
    package var switchAfter: Int?

    package init() {}

    func over(_ base: LatencyConfig) -> LatencyConfig {
        var result = base
        result.target = target ?? base.target
        result.switchAfter = switchAfter ?? base.switchAfter
        return result
    }
}
