// SPDX-License-Identifier: Apache-2.0

extension ProfileConfig {
    init(_ checked: CheckedSection) {
        extends = checked.text("extends")
        pipeline = checked.word("pipeline")
        language = checked.text("language")
        languages = checked.texts("languages")
        greeting = checked.text("greeting")
        fallbackLine = checked.text("fallback_line")
        vad = checked.stage("vad")
        filters = checked.stages("filters")
        stt = checked.stage("stt")
        turn = checked.stage("turn")
        agent = checked.stage("agent")
        tts = checked.stage("tts")
        s2s = checked.stage("s2s")
        backend = checked.stage("backend")
        voices = checked.options(ofNames: "voices")
        hints = checked.texts("hints")
        turnTaking = TurnTakingConfig(checked.section("turn_taking"))
        filler = FillerConfig(checked.section("filler"))
        latency = LatencyConfig(checked.section("latency"))
        failover = FailoverConfig(checked.section("failover"))
        hedging = HedgingConfig(checked.section("hedging"))
        hybrid = HybridConfig(checked.section("hybrid"))
        history = HistoryConfig(checked.section("history"))
        speech = SpeechConfig(checked.section("speech"))
        away = checked.duration("away")
    }
}

extension TurnTakingConfig {
    fileprivate init(_ checked: CheckedSection) {
        mode = checked.word("mode")
        vad = VADConfig(checked.section("vad"))
        endpointing = EndpointingConfig(checked.section("endpointing"))
        interruption = InterruptionConfig(checked.section("interruption"))
        uninterruptible = checked.word("uninterruptible")
        preemptive = checked.flag("preemptive")
        transcriptTimeout = checked.duration("transcript_timeout")
    }
}

extension VADConfig {
    fileprivate init(_ checked: CheckedSection) {
        thresholdOn = checked.number("threshold_on")
        thresholdOff = checked.number("threshold_off")
        minSpeech = checked.duration("min_speech")
        minSilence = checked.duration("min_silence")
        prefixPadding = checked.duration("prefix_padding")
    }
}

extension EndpointingConfig {
    fileprivate init(_ checked: CheckedSection) {
        minDelay = checked.duration("min_delay")
        maxDelay = checked.duration("max_delay")
        judgedMinDelay = checked.duration("judged_min_delay")
        judgedMaxDelay = checked.duration("judged_max_delay")
        judgeAfter = checked.duration("judge_after")
        judgeTimeout = checked.duration("judge_timeout")
        judgeThreshold = checked.number("judge_threshold")
        danglingExtra = checked.duration("dangling_extra")
        dynamic = checked.flag("dynamic")
    }
}

extension InterruptionConfig {
    fileprivate init(_ checked: CheckedSection) {
        enabled = checked.flag("enabled")
        minDuration = checked.duration("min_duration")
        minWords = checked.integer("min_words")
        lexicalFilter = checked.flag("lexical_filter")
        pauseAndResume = checked.flag("pause_and_resume")
        falseTimeout = checked.duration("false_timeout")
        duck = checked.flag("duck")
        backchannelBoundary = checked.duration("backchannel_boundary")
        aecWarmUp = checked.duration("aec_warm_up")
    }
}

extension SpeechConfig {
    fileprivate init(_ checked: CheckedSection) {
        outputLead = checked.duration("output_lead")
        firstClause = checked.integer("first_clause")
        minClause = checked.integer("min_clause")
        maxClause = checked.integer("max_clause")
        forceAfter = checked.duration("force_after")
        filters = checked.texts("filters")?.compactMap(TextFilter.init(rawValue:))
        pronunciation = checked.texts(ofNames: "pronunciation")
    }
}

extension FillerConfig {
    fileprivate init(_ checked: CheckedSection) {
        after = checked.duration("after")
        lines = checked.texts("lines")
    }
}

extension FailoverConfig {
    fileprivate init(_ checked: CheckedSection) { reconnectAfter = checked.duration("reconnect_after") }
}

extension HedgingConfig {
    fileprivate init(_ checked: CheckedSection) {
        stages = checked.texts("stages")
        agentAfter = checked.duration("agent_after")
        speechAfter = checked.duration("tts_after")
    }
}

extension HybridConfig {
    fileprivate init(_ checked: CheckedSection) {
        afterTools = checked.integer("after_tools")
    }
}

extension HistoryConfig {
    fileprivate init(_ checked: CheckedSection) {
        lines = checked.integer("lines")
        characters = checked.integer("characters")
    }
}

extension LatencyConfig {
    fileprivate init(_ checked: CheckedSection) {
        target = checked.duration("target")
        switchAfter = checked.integer("switch_after")
    }
}
