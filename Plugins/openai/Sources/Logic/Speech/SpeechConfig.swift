// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The speaker's configuration; what a session may set too is optional, and the session's wins.
public struct SpeechConfig: Decodable, Sendable {
    var url: String?
    /// What the host puts in the key's place at the socket.
    var apiKey: String?
    var organization: String?
    var project: String?
    var extra: JSONValue?
    var timeoutMilliseconds: UInt32?
    var model: String?
    var voice: String?
    var speed: Double?
    var instructions: String?

    private enum CodingKeys: String, CodingKey {
        case url
        case apiKey = "api_key"
        case organization, project, extra
        case timeoutMilliseconds = "timeout_ms"
        case model, voice, speed, instructions
    }
}

/// What the requests of one session have in common.
struct SpeechSettings: Sendable {
    /// `pcm` is this: raw 16 bit little-endian mono (OpenAI, API reference, "Create speech").
    static let sampleRate: UInt32 = 24_000
    /// The API refuses more.
    static let maximumText = 4_096

    let server: OpenAIServer
    private let fields: [String: JSONValue]
    private let extra: [String: JSONValue]

    init(_ config: SpeechConfig, options: SpeechConfig) {
        server = OpenAIServer(
            url: config.url,
            key: config.apiKey,
            organization: config.organization,
            project: config.project,
            timeout: config.timeoutMilliseconds ?? 8_000
        )
        var fields: [String: JSONValue] = [
            "model": .string(options.model ?? config.model ?? "gpt-4o-mini-tts"),
            "voice": .string(options.voice ?? config.voice ?? "alloy"), "response_format": "pcm",
        ]
        fields["speed"] = (options.speed ?? config.speed).map(JSONValue.double)
        fields["instructions"] = (options.instructions ?? config.instructions).map(JSONValue.string)
        self.fields = fields
        extra = config.extra?.object ?? [:]
    }

    /// - Parameter voice: One of the response's own; nil = the session's.
    func request(_ text: String, voice: String?, generation: UInt64) -> NetworkRequest {
        var body = fields
        if let voice { body["voice"] = .string(voice) }
        for (key, value) in extra {
            if value.isNull { body.removeValue(forKey: key) } else { body[key] = value }
        }
        body["input"] = .string(text)
        return server.post(
            "/audio/speech",
            contentType: "application/json",
            accept: "application/octet-stream",
            body: Array(JSONValue.object(body).text.utf8),
            generation: generation
        )
    }
}
