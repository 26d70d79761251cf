// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The address of a live transcription: `/v1/listen` with its query, or `/v2/listen` for Flux (protocol page, "STT v1
/// streaming" and "STT v2").
enum ListenURL {
    static let origin = "wss://api.deepgram.com"

    static func make(_ config: ListenConfig, sampleRate: Int, locale: String) -> String {
        var query = QueryURL(config.url ?? origin, path: config.isFlux ? "/v2/listen" : "/v1/listen")
        query.add("model", config.modelName)
        query.add("encoding", "linear16")
        query.add("sample_rate", "\(sampleRate)")
        let language = config.language ?? (locale.isEmpty ? nil : locale)
        if config.isFlux {
            addTurns(config, language: language, to: &query)
        } else {
            addUtterances(config, language: language, to: &query)
        }
        query.add("numerals", config.numerals)
        query.add("profanity_filter", config.profanityFilter)
        query.add("mip_opt_out", config.mipOptOut)
        for redacted in config.redact ?? [] { query.add("redact", redacted) }
        for tag in config.tags ?? [] { query.add("tag", tag) }
        return query.text
    }

    private static func addUtterances(_ config: ListenConfig, language: String?, to query: inout QueryURL) {
        query.add("channels", "1")
        if let language { query.add("language", language) }
        query.add("interim_results", "true")
        let endpointing = config.endpointingMilliseconds ?? 300
        query.add("endpointing", endpointing > 0 ? "\(endpointing)" : "false")
        // An utterance's end by words needs interim results, which are always on; only who decides turns asks for it.
        let utteranceEnd = config.utteranceEndMilliseconds ?? (config.providerDecidesTurns ? 1_000 : 0)
        if utteranceEnd > 0 { query.add("utterance_end_ms", "\(max(1_000, utteranceEnd))") }
        if config.providerDecidesTurns { query.add("vad_events", "true") }
        query.add("smart_format", config.smartFormat ?? true)
        query.add("punctuate", config.punctuate)
        query.add("filler_words", config.fillerWords)
        // Key terms are of nova-3; the models before it know weighted keywords.
        let name = config.modelName.hasPrefix("nova-3") ? "keyterm" : "keywords"
        for term in config.allTerms { query.add(name, term) }
    }

    private static func addTurns(_ config: ListenConfig, language: String?, to query: inout QueryURL) {
        if let threshold = config.endOfTurnThreshold { query.add("eot_threshold", "\(threshold)") }
        if let eager = config.eagerEndOfTurnThreshold { query.add("eager_eot_threshold", "\(eager)") }
        if let timeout = config.endOfTurnTimeoutMilliseconds { query.add("eot_timeout_ms", "\(timeout)") }
        if config.tellsLanguage, let language, language != "multi" { query.add("language_hint", language) }
        for term in config.allTerms { query.add("keyterm", term) }
    }
}

extension ListenConfig {
    /// Key terms and the host's hints, none twice.
    fileprivate var allTerms: [String] {
        var seen: Set<String> = []
        return ((keyterms ?? []) + (hints ?? [])).filter { !$0.isEmpty && seen.insert($0).inserted }
    }
}
