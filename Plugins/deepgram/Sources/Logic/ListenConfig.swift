// SPDX-License-Identifier: Apache-2.0

/// The recogniser's configuration and, key by key over it, a session's options.
///
/// All of it but the times in this plugin's own hand goes to the vendor as query parameters of the upgrade.
public struct ListenConfig: Decodable, Sendable {
    /// Who decides where a turn ends.
    enum TurnMode: String, Decodable, Sendable {
        /// The host does, and says END_OF_INPUT.
        case host
        /// The vendor does; this plugin says SPEECH_START and TURN_END.
        case provider
    }

    var url: String?
    var apiKey: String?
    var authScheme: String?
    var model: String?
    var language: String?
    var turnMode: TurnMode?
    var endpointingMilliseconds: Int?
    var utteranceEndMilliseconds: Int?
    var smartFormat: Bool?
    var punctuate: Bool?
    var numerals: Bool?
    var profanityFilter: Bool?
    var fillerWords: Bool?
    var keyterms: [String]?
    var hints: [String]?
    var redact: [String]?
    var tags: [String]?
    var mipOptOut: Bool?
    var endOfTurnThreshold: Double?
    var eagerEndOfTurnThreshold: Double?
    var endOfTurnTimeoutMilliseconds: Int?
    var finalizeWaitMilliseconds: Int?
    var replaySpeed: Double?

    private enum CodingKeys: String, CodingKey {
        case url, model, language, punctuate, numerals, keyterms, hints, redact, tags
        case apiKey = "api_key"
        case authScheme = "auth_scheme"
        case turnMode = "turn_mode"
        case endpointingMilliseconds = "endpointing_ms"
        case utteranceEndMilliseconds = "utterance_end_ms"
        case smartFormat = "smart_format"
        case profanityFilter = "profanity_filter"
        case fillerWords = "filler_words"
        case mipOptOut = "mip_opt_out"
        case endOfTurnThreshold = "eot_threshold"
        case eagerEndOfTurnThreshold = "eager_eot_threshold"
        case endOfTurnTimeoutMilliseconds = "eot_timeout_ms"
        case finalizeWaitMilliseconds = "finalize_wait_ms"
        case replaySpeed = "replay_speed"
    }

    /// This configuration with what a session says instead.
    func merged(with session: ListenConfig) -> ListenConfig {
        var merged = self
        merged.model = session.model ?? model
        merged.language = session.language ?? language
        merged.turnMode = session.turnMode ?? turnMode
        merged.endpointingMilliseconds = session.endpointingMilliseconds ?? endpointingMilliseconds
        merged.utteranceEndMilliseconds = session.utteranceEndMilliseconds ?? utteranceEndMilliseconds
        merged.smartFormat = session.smartFormat ?? smartFormat
        merged.keyterms = session.keyterms ?? keyterms
        merged.hints = session.hints ?? hints
        merged.endOfTurnThreshold = session.endOfTurnThreshold ?? endOfTurnThreshold
        merged.eagerEndOfTurnThreshold = session.eagerEndOfTurnThreshold ?? eagerEndOfTurnThreshold
        merged.endOfTurnTimeoutMilliseconds = session.endOfTurnTimeoutMilliseconds ?? endOfTurnTimeoutMilliseconds
        return merged
    }
}

extension ListenConfig {
    /// The model; nova-3 unless told.
    var modelName: String { model ?? "nova-3" }
    /// Flux speaks another protocol, `/v2/listen`.
    var isFlux: Bool { modelName.hasPrefix("flux-") }
    /// The vendor decides turns: what Flux is made for, and an option of the others.
    var providerDecidesTurns: Bool { (turnMode ?? (isFlux ? .provider : .host)) == .provider }
    /// The vendor finds out which language is spoken: `multi`, or Flux for several.
    var tellsLanguage: Bool { isFlux ? modelName.hasSuffix("-multi") : language == "multi" }
    /// How long a FINAL waits for the answer to `Finalize`, in milliseconds.
    var finalizeWait: UInt32 { UInt32(clamping: finalizeWaitMilliseconds ?? 300) }
    /// How much audio goes into one message, in milliseconds: what the vendor recommends.
    var chunkMilliseconds: Int { isFlux ? 80 : 40 }
    /// The header that names the key; nil for a server that wants none.
    var authorization: String? { apiKey.flatMap { $0.isEmpty ? nil : "\(authScheme ?? "Token") \($0)" } }
}
