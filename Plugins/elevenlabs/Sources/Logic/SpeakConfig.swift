// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The speaker's configuration and, key by key over it, a session's options.
public struct SpeakConfig: Decodable, Sendable {
    /// How the text goes to the vendor.
    enum Transport: String, Decodable, Sendable {
        /// One socket for the session; audio comes with the times of its words.
        case websocket
        /// One request a clause.
        case http
    }

    var url: String?
    var apiKey: String?
    var transport: Transport?
    var voiceID: String?
    var modelID: String?
    var languageCode: String?
    var voiceSettings: JSONValue?
    var pronunciationDictionaries: JSONValue?
    var textNormalization: String?
    var seed: Int64?
    var parsesSSML: Bool?
    var logsAtVendor: Bool?
    var contexts: Int?

    private enum CodingKeys: String, CodingKey {
        case url, transport, seed, contexts
        case apiKey = "api_key"
        case voiceID = "voice_id"
        case modelID = "model_id"
        case languageCode = "language_code"
        case voiceSettings = "voice_settings"
        case pronunciationDictionaries = "pronunciation_dictionary_locators"
        case textNormalization = "apply_text_normalization"
        case parsesSSML = "enable_ssml_parsing"
        case logsAtVendor = "enable_logging"
    }

    /// This configuration with what a session says instead.
    func merged(with session: SpeakConfig) -> SpeakConfig {
        var merged = self
        merged.voiceID = session.voiceID ?? voiceID
        merged.modelID = session.modelID ?? modelID
        merged.languageCode = session.languageCode ?? languageCode
        merged.voiceSettings = session.voiceSettings ?? voiceSettings
        return merged
    }
}

extension SpeakConfig {
    /// The model; the one with the lowest latency unless told.
    var model: String { modelID ?? "eleven_flash_v2_5" }
    /// How many clauses are at the vendor at once: one is heard while the next is made.
    var clausesAtOnce: Int { min(max(contexts ?? 2, 1), 5) }
    /// Models that do not know the language of a text by themselves; others refuse to be told.
    private var takesLanguage: Bool { model.hasSuffix("_v2_5") || model.hasSuffix("_v3") }

    /// The vendor's code for a language tag, "en" for "en-GB"; nil when the model is not to be told.
    func language(_ tag: String?) -> String? {
        if let languageCode { return languageCode.isEmpty ? nil : languageCode }
        guard takesLanguage, let tag, let language = tag.split(separator: "-").first, language.count == 2 else {
            return nil
        }
        return language.lowercased()
    }

    /// The header that names the key; none for a server that wants none.
    var headers: [(name: String, value: String)] {
        apiKey.flatMap { $0.isEmpty ? nil : [("xi-api-key", $0)] } ?? []
    }
}

/// What a connection is bound to: it cannot speak with another voice or in another language.
struct Route: Hashable, Sendable {
    var voice: String
    var language: String?
}
