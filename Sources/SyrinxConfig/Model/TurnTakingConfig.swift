// SPDX-License-Identifier: Apache-2.0

/// When the caller's turn ends and what interrupts the agent; nil means "as in the extended profile".
package struct TurnTakingConfig: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        case vad, stt, manual, s2s
    }

    package enum UninterruptiblePolicy: String, Hashable, Sendable, CaseIterable {
        case drop, queue
    }

    package var mode: Mode?
    package var vad = VADConfig()
    package var endpointing = EndpointingConfig()
    package var interruption = InterruptionConfig()
    package var uninterruptible: UninterruptiblePolicy?
    package var preemptive: Bool?
    package var transcriptTimeout: Duration?

    package init() {}

    func over(_ base: TurnTakingConfig) -> TurnTakingConfig {
        var result = base
        result.mode = mode ?? base.mode
        result.vad = vad.over(base.vad)
        result.endpointing = endpointing.over(base.endpointing)
        result.interruption = interruption.over(base.interruption)
        result.uninterruptible = uninterruptible ?? base.uninterruptible
        result.preemptive = preemptive ?? base.preemptive
        result.transcriptTimeout = transcriptTimeout ?? base.transcriptTimeout
        return result
    }
}

/// From probabilities to speech.
package struct VADConfig: Hashable, Sendable {
    package var thresholdOn: Double?
    package var thresholdOff: Double?
    package var minSpeech: Duration?
    package var minSilence: Duration?
    package var prefixPadding: Duration?

    package init() {}

    func over(_ base: VADConfig) -> VADConfig {
        var result = base
        result.thresholdOn = thresholdOn ?? base.thresholdOn
        result.thresholdOff = thresholdOff ?? base.thresholdOff
        result.minSpeech = minSpeech ?? base.minSpeech
        result.minSilence = minSilence ?? base.minSilence
        result.prefixPadding = prefixPadding ?? base.prefixPadding
        return result
    }
}

/// From silence to the end of the turn.
package struct EndpointingConfig: Hashable, Sendable {
    package var minDelay: Duration?
    package var maxDelay: Duration?
    package var judgedMinDelay: Duration?
    package var judgedMaxDelay: Duration?
    package var judgeAfter: Duration?
    package var judgeTimeout: Duration?
    package var judgeThreshold: Double?
    package var danglingExtra: Duration?
    package var dynamic: Bool?

    package init() {}

    func over(_ base: EndpointingConfig) -> EndpointingConfig {
        var result = base
        result.minDelay = minDelay ?? base.minDelay
        result.maxDelay = maxDelay ?? base.maxDelay
        result.judgedMinDelay = judgedMinDelay ?? base.judgedMinDelay
        result.judgedMaxDelay = judgedMaxDelay ?? base.judgedMaxDelay
        result.judgeAfter = judgeAfter ?? base.judgeAfter
        result.judgeTimeout = judgeTimeout ?? base.judgeTimeout
        result.judgeThreshold = judgeThreshold ?? base.judgeThreshold
        result.danglingExtra = danglingExtra ?? base.danglingExtra
        result.dynamic = dynamic ?? base.dynamic
        return result
    }
}

/// Barge-in.
package struct InterruptionConfig: Hashable, Sendable {
    package var enabled: Bool?
    package var minDuration: Duration?
    package var minWords: Int?
    package var lexicalFilter: Bool?
    package var pauseAndResume: Bool?
    package var falseTimeout: Duration?
    package var duck: Bool?
    package var backchannelBoundary: Duration?
    package var aecWarmUp: Duration?

    package init() {}

    func over(_ base: InterruptionConfig) -> InterruptionConfig {
        var result = base
        result.enabled = enabled ?? base.enabled
        result.minDuration = minDuration ?? base.minDuration
        result.minWords = minWords ?? base.minWords
        result.lexicalFilter = lexicalFilter ?? base.lexicalFilter
        result.pauseAndResume = pauseAndResume ?? base.pauseAndResume
        result.falseTimeout = falseTimeout ?? base.falseTimeout
        result.duck = duck ?? base.duck
        result.backchannelBoundary = backchannelBoundary ?? base.backchannelBoundary
        result.aecWarmUp = aecWarmUp ?? base.aecWarmUp
        return result
    }
}

/// How the agent's words become audio; nil means "as in the extended profile".
package struct SpeechConfig: Hashable, Sendable {
    package var outputLead: Duration?
    /// Clauses are counted in characters.
    package var firstClause: Int?
    package var minClause: Int?
    package var maxClause: Int?
    package var forceAfter: Duration?
    package var filters: [TextFilter]?
    /// What is said in place of words.
    package var pronunciation: [String: String] = [:]

    package enum TextFilter: String, Hashable, Sendable, CaseIterable {
        case markdown, emoji, urls
    }

    package init() {}

    /// Words are laid over one by one.
    func over(_ base: SpeechConfig) -> SpeechConfig {
        var result = base
        result.outputLead = outputLead ?? base.outputLead
        result.firstClause = firstClause ?? base.firstClause
        result.minClause = minClause ?? base.minClause
        result.maxClause = maxClause ?? base.maxClause
        result.forceAfter = forceAfter ?? base.forceAfter
        result.filters = filters ?? base.filters
        result.pronunciation.merge(pronunciation) { $1 }
        return result
    }
}
