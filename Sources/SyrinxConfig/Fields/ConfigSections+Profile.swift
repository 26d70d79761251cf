// SPDX-License-Identifier: Apache-2.0

extension ConfigSection {
    static let profile = ConfigSection(
        anchor: "profiles",
        effect: .newSessions,
        fields: [
            ConfigField(
                "extends",
                .text(),
                default: "the built-in profile of that name, else default",
                "profile whose settings hold where this one says nothing"
            ),
            ConfigField(
                "pipeline",
                .words(PipelineKind.allCases.map(\.rawValue)),
                default: "cascade",
                "stt, agent, tts; or one s2s model; or frames straight back"
            ),
            ConfigField(
                "language",
                .text(.language),
                default: "en",
                "BCP 47 tag; chooses backchannel and command words"
            ),
            ConfigField(
                "languages",
                .list(.language),
                example: "[en, de]",
                "tags to which a session may change, when the recogniser hears another language or the agent wants it"
            ),
            ConfigField("greeting", .text(), "said when the session starts"),
            ConfigField("fallback_line", .text(), "said when a turn fails"),
            ConfigField("vad", .stage, "voice activity detection"),
            ConfigField("filters", .stages, "audio filters of the caller's side, in order"),
            ConfigField("stt", .stage, "speech to text"),
            ConfigField("turn", .stage, "judges whether the caller has finished"),
            ConfigField("agent", .stage, "answers"),
            ConfigField("tts", .stage, "text to speech"),
            voices,
            ConfigField("s2s", .stage, "speech to speech, for pipeline s2s"),
            ConfigField(
                "hybrid",
                .section(hybrid),
                "when a profile with s2s and a cascade goes from one to the other by itself"
            ),
            ConfigField("backend", .stage, "where sessions run"),
            ConfigField("hints", .texts, "phrases the caller is likely to say, for providers that take hints"),
            ConfigField(
                "turn_taking",
                .section(turnTaking),
                "when the caller's turn ends and what interrupts the agent"
            ),
            ConfigField("filler", .section(filler), "what is said while the agent is slow"),
            ConfigField("history", .section(history), "how much of the conversation the agent is told"),
            ConfigField(
                "latency",
                .section(latency),
                "when a stage that is slow again and again is given to its fallback"
            ),
            ConfigField(
                "failover",
                .section(failover),
                "when a stage whose provider has lost its connection is given to its fallback"
            ),
            ConfigField(
                "hedging",
                .section(hedging),
                "when a slow agent or voice gets a second one beside it"
            ),
            ConfigField("speech", .section(speech), "how the agent's words become audio"),
            ConfigField(
                "away",
                .duration(.zero...minutes(60)),
                default: "15s",
                "silence after which the caller counts as away, 0s for never"
            ),
        ]
    )

    private static let turnTaking = ConfigSection(
        anchor: "turn_taking",
        effect: .newSessions,
        fields: [
            ConfigField(
                "mode",
                .words(TurnTakingConfig.Mode.allCases.map(\.rawValue)),
                default: "vad",
                "who decides that a turn is complete"
            ),
            ConfigField("vad", .section(vad), "from probabilities to speech"),
            ConfigField("endpointing", .section(endpointing), "from silence to the end of the turn"),
            ConfigField("interruption", .section(interruption), "barge-in"),
            ConfigField(
                "uninterruptible",
                .words(TurnTakingConfig.UninterruptiblePolicy.allCases.map(\.rawValue)),
                default: "drop",
                "what becomes of a turn spoken over uninterruptible speech"
            ),
            ConfigField("preemptive", .flag, default: "false", "ask the agent before the turn is complete"),
            ConfigField(
                "transcript_timeout",
                .duration(.zero...minutes(1)),
                default: "5s",
                "wait for a final transcript after the end of speech"
            ),
        ]
    )

    private static let vad = ConfigSection(
        anchor: "vad",
        effect: .newSessions,
        fields: [
            ConfigField("threshold_on", .number(0...1), default: "0.5", "probability at which speech starts"),
            ConfigField("threshold_off", .number(0...1), default: "0.35", "probability below which it ends"),
            ConfigField("min_speech", .duration(.zero...minutes(1)), default: "80ms", "shorter speech is a click"),
            ConfigField(
                "min_silence",
                .duration(.zero...minutes(1)),
                default: "300ms",
                "shorter silence is within speech"
            ),
            ConfigField(
                "prefix_padding",
                .duration(.zero...(.seconds(5))),
                default: "300ms",
                "audio before the start that the transcriber hears too"
            ),
        ]
    )

    private static let endpointing = ConfigSection(
        anchor: "endpointing",
        effect: .newSessions,
        fields: [
            ConfigField("min_delay", .duration(.zero...minutes(1)), default: "500ms", "silence that ends a turn"),
            ConfigField(
                "max_delay",
                .duration(.zero...minutes(1)),
                default: "3s",
                "the same when the turn seems unfinished"
            ),
            ConfigField(
                "judged_min_delay",
                .duration(.zero...minutes(1)),
                default: "300ms",
                "min_delay once the turn stage has answered"
            ),
            ConfigField(
                "judged_max_delay",
                .duration(.zero...minutes(1)),
                default: "2500ms",
                "max_delay once the turn stage has answered"
            ),
            ConfigField(
                "judge_after",
                .duration(.zero...minutes(1)),
                default: "200ms",
                "silence after which the turn stage is asked"
            ),
            ConfigField("judge_timeout", .duration(.zero...minutes(1)), default: "300ms", "wait for its answer"),
            ConfigField(
                "judge_threshold",
                .number(0...1),
                default: "0.5",
                "probability from which the turn counts as complete"
            ),
            ConfigField(
                "dangling_extra",
                .duration(.zero...minutes(1)),
                default: "400ms",
                "added when the last word asks for more, such as \"and\""
            ),
            ConfigField("dynamic", .flag, default: "false", "learn the caller's pauses"),
        ]
    )

    private static let interruption = ConfigSection(
        anchor: "interruption",
        effect: .newSessions,
        fields: [
            ConfigField("enabled", .flag, default: "true", "the caller may interrupt the agent"),
            ConfigField(
                "min_duration",
                .duration(.zero...minutes(1)),
                default: "400ms",
                "speech that pauses the agent"
            ),
            ConfigField("min_words", .integer(0...100), default: "0", "words that pause the agent, 0 for any speech"),
            ConfigField(
                "lexical_filter",
                .flag,
                default: "true",
                "\"uh-huh\" does not interrupt, \"stop\" does at once"
            ),
            ConfigField(
                "pause_and_resume",
                .flag,
                default: "true",
                "resume after a false interruption; else cut at once"
            ),
            ConfigField(
                "false_timeout",
                .duration(.zero...minutes(1)),
                default: "2s",
                "no words for so long: the interruption was false"
            ),
            ConfigField("duck", .flag, default: "true", "lower the agent by 12 dB while it is unclear"),
            ConfigField(
                "backchannel_boundary",
                .duration(.zero...minutes(1)),
                default: "1s",
                "backchannels near the agent's start and end never pause"
            ),
            ConfigField(
                "aec_warm_up",
                .duration(.zero...minutes(1)),
                default: "0s",
                "no interruption so early in the session"
            ),
        ]
    )

    private static let filler = ConfigSection(
        anchor: "filler",
        effect: .newSessions,
        fields: [
            ConfigField(
                "after",
                .duration(.milliseconds(100)...minutes(1)),
                default: "1500ms",
                "silence since the turn was decided, while the agent has not begun to answer"
            ),
            ConfigField(
                "lines",
                .list(.nonempty),
                example: "[\"One moment, please.\"]",
                "one is said then, in turn; without any the caller hears silence"
            ),
        ]
    )

    private static let hybrid = ConfigSection(
        anchor: "hybrid",
        effect: .newSessions,
        fields: [
            ConfigField(
                "after_tools",
                .integer(0...1000),
                default: "0",
                "tool calls of the s2s model after which the cascade goes on, 0 for any number"
            )
        ]
    )

    private static let history = ConfigSection(
        anchor: "history",
        effect: .newSessions,
        fields: [
            ConfigField("lines", .integer(2...1000), default: "1000", "lines of it at most, the newest"),
            ConfigField("characters", .integer(100...4_000_000), default: "200000", "characters of these at most"),
        ]
    )

    private static let latency = ConfigSection(
        anchor: "latency",
        effect: .newSessions,
        fields: [
            ConfigField(
                "target",
                .duration(.zero...minutes(1)),
                default: "0s",
                "answer time above which a turn is late, 0s for never"
            ),
            ConfigField(
                "switch_after",
                .integer(1...100),
                default: "3",
                "late turns in a row after which the slowest stage with a fallback switches"
            ),
        ]
    )

    private static let failover = ConfigSection(
        anchor: "failover",
        effect: .newSessions,
        fields: [
            ConfigField(
                "reconnect_after",
                .duration(.zero...minutes(1)),
                default: "800ms",
                "how long a provider with a fallback may reconnect while the caller waits, 0s for as long as it likes"
            )
        ]
    )

    private static let hedging = ConfigSection(
        anchor: "hedging",
        effect: .newSessions,
        fields: [
            ConfigField(
                "stages",
                .wordList(["agent", "tts"], mayBeEmpty: true),
                "stages for which the next provider under fallback is asked, too, while the first one says nothing"
            ),
            ConfigField(
                "agent_after",
                .duration(.zero...minutes(1)),
                default: "0s",
                "time to an agent's first word that is waited for, 0s for that of all but 5 % of its latest answers"
            ),
            ConfigField(
                "tts_after",
                .duration(.zero...minutes(1)),
                default: "0s",
                "time to a voice's first audio that is waited for, 0s for that of all but 5 % of its latest answers"
            ),
        ]
    )

    private static let speech = ConfigSection(
        anchor: "speech",
        effect: .newSessions,
        fields: [
            ConfigField(
                "output_lead",
                .duration(.milliseconds(20)...(.seconds(2))),
                default: "100ms",
                "audio sent ahead of its playing"
            ),
            ConfigField("first_clause", .integer(1...1000), default: "8", "characters of the first clause at least"),
            ConfigField("min_clause", .integer(1...1000), default: "20", "characters of a later clause at least"),
            ConfigField("max_clause", .integer(1...4000), default: "300", "characters of a clause at most"),
            ConfigField(
                "force_after",
                .duration(.zero...minutes(1)),
                default: "400ms",
                "speak an unfinished clause when the agent pauses so long"
            ),
            ConfigField(
                "filters",
                .wordList(SpeechConfig.TextFilter.allCases.map(\.rawValue), mayBeEmpty: true),
                default: "[markdown, emoji]",
                "what is not said of the agent's text: marks of Markdown, emoji, all of a URL but its site"
            ),
            pronunciation,
        ]
    )

    /// Of a profile, and of a tenant in all of its profiles.
    static let voices = ConfigField(
        "voices",
        .values(.options, by: .language),
        example: "{ de: { voice: anna }, default: { voice: slt } }",
        "session options of `tts` by the session's language, over its own; `default` for all others"
    )

    /// Of a profile, and of a tenant in all of its profiles.
    static let pronunciation = ConfigField(
        "pronunciation",
        .values(.text(.nonempty), by: .phrase),
        example: "{ SQL: sequel }",
        "what is said in place of a word; in lower case the word matches any case"
    )
}
