// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The provider's configuration and, key by key over it, the session's options; the keys are those of the schema.
public struct GeminiConfig: Decodable, Sendable {
    /// Where and as whom.
    var url: String?
    var apiKey: String?
    var model: String?
    /// What the model is to be.
    var voice: String?
    var languageCode: String?
    var instructions: String?
    var temperature: Double?
    var maxOutputTokens: Int?
    /// How it hears; the object goes to the vendor as it is.
    var activityDetection: JSONValue?
    var interruptions: Bool?
    /// How it lasts.
    var contextCompression: Bool?
    var resumption: Bool?
    /// Everything else of the vendor's setup and of its generationConfig, as it is.
    var setup: JSONValue?

    private enum CodingKeys: String, CodingKey {
        case url, model, voice, instructions, temperature, interruptions, resumption, setup
        case apiKey = "api_key"
        case languageCode = "language_code"
        case maxOutputTokens = "max_output_tokens"
        case activityDetection = "activity_detection"
        case contextCompression = "context_compression"
    }

    /// The native rate of what is heard, and the only one of what is said, in hertz.
    static let inputRate: UInt32 = 16_000
    static let outputRate: UInt32 = 24_000
    static let defaultURL = "wss://generativelanguage.googleapis.com" + defaultPath
    private static let defaultPath = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
    static let defaultModel = "gemini-live-2.5-flash-preview"

    /// The URL of the socket; an origin alone gets the vendor's path.
    var address: String {
        QueryURL.endpoint(url ?? Self.defaultURL, path: Self.defaultPath)
    }

    /// What opens the socket.
    var request: NetworkRequest {
        var request = NetworkRequest(url: address)
        if let key = apiKey { request.headers.append(("x-goog-api-key", key)) }
        return request
    }

    /// `models/…`, as the vendor wants it; a resource name of another kind is taken as it is.
    var resource: String {
        let name = model ?? Self.defaultModel
        return name.contains("/") ? name : "models/" + name
    }

    /// The session's options count before the provider's.
    func merged(with options: GeminiConfig) -> GeminiConfig {
        var result = self
        // Where a session connects and with which key is the operator's to say.
        result.model = options.model ?? model
        result.voice = options.voice ?? voice
        result.languageCode = options.languageCode ?? languageCode
        result.instructions = options.instructions ?? instructions
        result.temperature = options.temperature ?? temperature
        result.maxOutputTokens = options.maxOutputTokens ?? maxOutputTokens
        result.activityDetection = options.activityDetection ?? activityDetection
        result.interruptions = options.interruptions ?? interruptions
        result.contextCompression = options.contextCompression ?? contextCompression
        result.resumption = options.resumption ?? resumption
        result.setup = options.setup ?? setup
        return result
    }
}
