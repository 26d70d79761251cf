// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The recogniser's configuration; what a session may set too is optional, and the session's wins.
public struct TranscriptionConfig: Decodable, Sendable {
    var url: String?
    /// What the host puts in the key's place at the socket.
    var apiKey: String?
    var organization: String?
    var project: String?
    var extra: JSONValue?
    var timeoutMilliseconds: UInt32?
    var model: String?
    var language: String?
    var prompt: String?
    var hints: [String]?
    var temperature: Double?
    var stream: Bool?
    var detectLanguage: Bool?

    private enum CodingKeys: String, CodingKey {
        case url
        case apiKey = "api_key"
        case organization, project, extra
        case timeoutMilliseconds = "timeout_ms"
        case model, language, prompt, hints, temperature, stream
        case detectLanguage = "detect_language"
    }
}

/// What the requests of one session have in common.
struct TranscriptionSettings: Sendable {
    /// The API reads 224 tokens of it; this is not much more.
    static let maximumPrompt = 1_000

    let server: OpenAIServer
    /// The parts of the form beside the file, in order.
    let fields: [(name: String, value: String)]
    /// Nothing was said of the language: what the answer says of it was heard.
    let tellsLanguage: Bool
    let sampleRate: UInt32

    /// - Parameter locale: The language tag of the caller; what is configured goes before.
    init(_ config: TranscriptionConfig, options: TranscriptionConfig, locale: String, sampleRate: UInt32) {
        server = OpenAIServer(
            url: config.url,
            key: config.apiKey,
            organization: config.organization,
            project: config.project,
            timeout: config.timeoutMilliseconds ?? 15_000
        )
        self.sampleRate = sampleRate
        let model = options.model ?? config.model ?? "gpt-4o-mini-transcribe"
        let detects = options.detectLanguage ?? config.detectLanguage ?? false
        let given = detects ? "" : options.language ?? config.language ?? locale
        // ISO 639-1: the API knows no regions.
        let language = given.prefix { $0 != "-" && $0 != "_" }.lowercased()
        let prompt = Self.prompt(
            options.prompt ?? config.prompt ?? "", hints: options.hints ?? config.hints ?? [])
        // Only a whole answer says which language it was.
        let streams = !detects && (options.stream ?? config.stream ?? !model.lowercased().contains("whisper"))
        let format = detects ? "verbose_json" : "json"
        var fields: [(name: String, value: String)] = [("model", model), ("response_format", format)]
        if !language.isEmpty { fields.append(("language", language)) }
        if !prompt.isEmpty { fields.append(("prompt", prompt)) }
        if let temperature = options.temperature ?? config.temperature {
            fields.append(("temperature", "\(temperature)"))
        }
        if streams { fields.append(("stream", "true")) }
        for (name, value) in (config.extra?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            fields.removeAll { $0.name == name }
            if !value.isNull { fields.append((name, value.string ?? value.text)) }
        }
        self.fields = fields
        tellsLanguage = !fields.contains { $0.name == "language" && !$0.value.isEmpty }
    }

    /// The operator's words, then as many hints as there is room for.
    private static func prompt(_ prompt: String, hints: [String]) -> String {
        var text = prompt
        for hint in hints {
            let next = text.isEmpty ? hint : text + (text == prompt ? " " : ", ") + hint
            guard next.utf8.count <= maximumPrompt else { break }
            text = next
        }
        return text
    }
}
