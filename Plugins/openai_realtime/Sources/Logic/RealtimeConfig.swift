// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The provider's configuration and, key by key over it, the session's options; the keys are those of the schema.
public struct RealtimeConfig: Decodable, Sendable {
    /// Where and as whom.
    var url: String?
    var apiKey: String?
    var organization: String?
    var project: String?
    var model: String?
    /// What the model is to be.
    var voice: String?
    var speed: Double?
    var instructions: String?
    var maxOutputTokens: Int?
    var reasoningEffort: String?
    /// How it hears. These objects go to the vendor as they are.
    var turnDetection: JSONValue?
    var transcription: JSONValue?
    var noiseReduction: String?
    /// How tools are chosen, as the vendor writes it.
    var toolChoice: JSONValue?
    /// Everything else of the vendor's session object, as it is.
    var session: JSONValue?

    private enum CodingKeys: String, CodingKey {
        case url, organization, project, model, voice, speed, instructions, transcription, session
        case apiKey = "api_key"
        case maxOutputTokens = "max_output_tokens"
        case reasoningEffort = "reasoning_effort"
        case turnDetection = "turn_detection"
        case noiseReduction = "noise_reduction"
        case toolChoice = "tool_choice"
    }

    /// The only rate of `audio/pcm` (Objects, format).
    static let sampleRate: UInt32 = 24_000
    static let defaultURL = "wss://api.openai.com/v1/realtime"
    private static let defaultPath = "/v1/realtime"
    static let defaultModel = "gpt-realtime"

    /// The URL of the socket with the model in its query (Transport).
    var address: String {
        let base = Self.endpoint(url ?? Self.defaultURL)
        guard !base.contains("model=") else { return base }
        return base + (base.contains("?") ? "&" : "?") + "model=" + Self.escape(model ?? Self.defaultModel)
    }

    /// The session's options count before the provider's.
    func merged(with options: RealtimeConfig) -> RealtimeConfig {
        var result = self
        // Where a session connects and with which key is the operator's to say.
        result.model = options.model ?? model
        result.voice = options.voice ?? voice
        result.speed = options.speed ?? speed
        result.instructions = options.instructions ?? instructions
        result.maxOutputTokens = options.maxOutputTokens ?? maxOutputTokens
        result.reasoningEffort = options.reasoningEffort ?? reasoningEffort
        result.turnDetection = options.turnDetection ?? turnDetection
        result.transcription = options.transcription ?? transcription
        result.noiseReduction = options.noiseReduction ?? noiseReduction
        result.toolChoice = options.toolChoice ?? toolChoice
        result.session = options.session ?? session
        return result
    }

    /// An origin alone gets the vendor's path.
    private static func endpoint(_ url: String) -> String {
        let parts = url.split(separator: "://", maxSplits: 1)
        guard parts.count == 2, !parts[1].dropLast().contains("/"), !url.contains("?") else { return url }
        return (url.hasSuffix("/") ? String(url.dropLast()) : url) + defaultPath
    }

    /// Percent-encodes what is not unreserved (RFC 3986, 2.3).
    private static func escape(_ text: String) -> String {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        return text.utf8.map { byte in
            guard !unreserved.contains(byte) else { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count < 2 ? "0" : "") + digits
        }.joined()
    }
}
