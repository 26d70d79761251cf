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
        let base = QueryURL.endpoint(url ?? Self.defaultURL, path: Self.defaultPath)
        guard !base.contains("model=") else { return base }
        return base + (base.contains("?") ? "&" : "?") + "model=" + QueryURL.encode(model ?? Self.defaultModel)
    }

    /// What opens the socket.
    var request: NetworkRequest {
        var request = NetworkRequest(url: address)
        if let key = apiKey { request.headers.append(("Authorization", "Bearer " + key)) }
        if let organization { request.headers.append(("OpenAI-Organization", organization)) }
        if let project { request.headers.append(("OpenAI-Project", project)) }
        return request
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
}
