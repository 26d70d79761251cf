// SPDX-License-Identifier: Apache-2.0

/// The address of a live transcription: `/v1/listen` with its query, or `/v2/listen` for Flux (protocol page, "STT v1
/// streaming" and "STT v2").
enum ListenURL {
    static let origin = "wss://api.deepgram.com"

    static func make(_ config: ListenConfig, sampleRate: Int, locale: String) -> String {
        var query = Query(config.url ?? origin, path: config.isFlux ? "/v2/listen" : "/v1/listen")
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
        return query.url
    }

    private static func addUtterances(_ config: ListenConfig, language: String?, to query: inout Query) {
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

    private static func addTurns(_ config: ListenConfig, language: String?, to query: inout Query) {
        if let threshold = config.endOfTurnThreshold { query.add("eot_threshold", "\(threshold)") }
        if let eager = config.eagerEndOfTurnThreshold { query.add("eager_eot_threshold", "\(eager)") }
        if let timeout = config.endOfTurnTimeoutMilliseconds { query.add("eot_timeout_ms", "\(timeout)") }
        if config.modelName.hasSuffix("-multi"), let language { query.add("language_hint", language) }
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

/// A URL that grows by query parameters, percent-encoded (RFC 3986, 2.3).
struct Query {
    private(set) var url: String
    private var isEmpty = true

    init(_ origin: String, path: String) {
        url = origin
        while url.hasSuffix("/") { url.removeLast() }
        url += path
    }

    mutating func add(_ name: String, _ value: String) {
        url += (isEmpty ? "?" : "&") + name + "=" + Self.encode(value)
        isEmpty = false
    }

    mutating func add(_ name: String, _ value: Bool?) {
        if let value { add(name, value ? "true" : "false") }
    }

    private static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
