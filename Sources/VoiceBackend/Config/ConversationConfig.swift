// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation

/// How conversations are led: when a turn is over, what interrupts the agent, when a session ends by itself. The
/// defaults are those of the server.
public struct ConversationConfig: Sendable, Hashable {
    /// BCP 47, `en`; decides which words are a mere "mm-hm" and which are a command.
    public var language = "en"
    /// BCP 47 tags that a session may change to by itself: when the recogniser hears another language, or by the tool
    /// `switch_language`, which its agent has then. Empty = it never does.
    public var languages: [String] = []
    /// Said when the session starts; nil = the caller speaks first.
    public var greeting: String?
    /// Said when a turn fails, so that the caller does not meet silence; nil = silence.
    public var fallbackLine: String?
    /// Said in turn while the agent is slow, at most one a turn of the caller; the answer follows. Empty = silence.
    public var fillerLines: [String] = []
    /// Quiet for so long since the turn was decided, without a word of the agent: a filler line is said.
    public var fillerAfter = Duration.milliseconds(1500)

    /// Silence after which speech counts as ended.
    public var minSilence = Duration.milliseconds(300)
    /// The shortest wait after the caller's last word before the turn is taken.
    public var minEndpointingDelay = Duration.milliseconds(500)
    /// The longest wait, when the words sound unfinished.
    public var maxEndpointingDelay = Duration.milliseconds(3000)
    /// Ask the agent as soon as a final transcript is there; its answer is used only if the committed turn says the
    /// same words.
    public var preemptiveGeneration = false

    /// Speech of this length over the agent's voice interrupts it.
    public var minInterruption = Duration.milliseconds(400)
    /// The agent pauses first, and goes on at the same sample when nothing was said; false = it is cut at once.
    public var resumesFalseInterruptions = true
    /// "mm-hm" does not interrupt; "stop" does at once.
    public var filtersBackchannels = true

    /// Quiet on both sides for this long: the caller counts as away.
    public var awayAfter = Duration.seconds(15)
    /// Quiet on both sides for this long: the session ends.
    public var idleTimeout = Duration.seconds(300)
    /// No session is longer than this; nil = no limit.
    public var maxDuration: Duration? = .seconds(3600)

    /// The defaults.
    public init() {}
}

extension ConversationConfig {
    /// The runtime's options. `timeout` is how long an agent may be silent, and a session may wait for its start.
    func options(timeout: Duration) -> Options {
        var options = Options()
        options.language = language
        options.languages = languages.isEmpty ? nil : languages
        options.greeting = greeting
        options.fallbackLine = fallbackLine
        if !fillerLines.isEmpty { options.filler = FillerOptions(after: fillerAfter, lines: fillerLines) }
        options.speech.minSilence = minSilence
        options.endpointing.minDelay = minEndpointingDelay
        options.endpointing.maxDelay = maxEndpointingDelay
        // A detector makes the machine surer, so it may be quicker, but never slower than it was told.
        options.endpointing.judgedMinDelay = min(minEndpointingDelay, options.endpointing.judgedMinDelay)
        options.endpointing.judgedMaxDelay = min(maxEndpointingDelay, options.endpointing.judgedMaxDelay)
        options.preemptive.enabled = preemptiveGeneration
        options.interruption.minDuration = minInterruption
        options.interruption.pauseAndResume = resumesFalseInterruptions
        options.interruption.duck = resumesFalseInterruptions
        options.interruption.lexicalFilter = filtersBackchannels
        options.timeouts.away = awayAfter
        options.timeouts.idle = idleTimeout
        options.timeouts.maxDuration = maxDuration
        options.timeouts.start = timeout
        options.timeouts.agentFirstToken = timeout
        options.timeouts.agentStall = timeout
        options.timeouts.tool = timeout
        return options
    }
}
