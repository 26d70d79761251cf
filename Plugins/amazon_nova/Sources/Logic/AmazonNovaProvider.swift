// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The provider `amazon_nova`.
public final class AmazonNovaProvider: Provider {
    /// The provider's configuration; its schema is in the module.
    public struct Config: Decodable, Sendable {
        var region: String?
        var model: String?
        var accessKeyID: String
        var secretAccessKey: String
        var sessionToken: String?
        var url: String?
        var voice: String?
        var instructions: String?
        var maximumTokens: Int?
        var topP: Double?
        var temperature: Double?
        var endpointing: String?
        var sessionSeconds: Int?

        private enum CodingKeys: String, CodingKey {
            case region, model, url, voice, instructions, temperature, endpointing
            case accessKeyID = "access_key_id"
            case secretAccessKey = "secret_access_key"
            case sessionToken = "session_token"
            case maximumTokens = "max_tokens"
            case topP = "top_p"
            case sessionSeconds = "session_seconds"
        }
    }

    /// What the vendor takes and sends, in hertz.
    static let sampleRates: [UInt32] = [8_000, 16_000, 24_000]
    static let defaultModel = "amazon.nova-2-sonic-v1:0"

    private let identity: NovaIdentity
    private let settings: NovaSettings

    /// Keeps the configuration; connects to nothing.
    public init(config: Config, host: Host) throws(PluginError) {
        let token = config.sessionToken.flatMap { $0.isEmpty ? nil : $0 }
        guard token != nil || !config.accessKeyID.hasPrefix("ASIA") else {
            throw .invalid("'access_key_id' is of temporary credentials (ASIA…): set their 'session_token', too")
        }
        let region = config.region ?? "us-east-1"
        let model = config.model ?? Self.defaultModel
        let origin = config.url.flatMap { $0.isEmpty ? nil : $0 } ?? "https://bedrock-runtime.\(region).amazonaws.com"
        identity = NovaIdentity(
            endpoint: try Endpoint(origin: origin, model: model),
            region: region,
            accessKeyID: config.accessKeyID,
            keyText: "AWS4" + config.secretAccessKey,
            token: token
        )
        settings = NovaSettings(config, model: model)
    }

    /// Begins a session and the stream to the vendor.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> AmazonNovaSession {
        try params.requireMonoInput()
        guard Self.sampleRates.contains(params.input.sampleRate) else {
            throw .unsupported("Nova Sonic hears 8, 16 or 24 kHz")
        }
        let output = try Self.format(params.output)
        return AmazonNovaSession(
            host: host,
            identity: identity,
            settings: settings,
            formats: (params.input, output)
        )
    }

    private static func format(_ wanted: AudioFormat) throws(PluginError) -> AudioFormat {
        guard wanted.sampleRate != 0 else { return AudioFormat(sampleRate: 24_000) }
        guard wanted.encoding == .int16, wanted.channels == 1, sampleRates.contains(wanted.sampleRate) else {
            throw .unsupported("Nova Sonic speaks mono s16 at 8, 16 or 24 kHz")
        }
        return wanted
    }
}

extension NovaSettings {
    fileprivate init(_ config: AmazonNovaProvider.Config, model: String) {
        let preset = NovaSettings()
        // Nova 1 knows neither typed turns nor settings of the turn's end.
        let isFirst = model.contains("nova-sonic-v1")
        self.init(
            voice: config.voice ?? preset.voice,
            instructions: config.instructions ?? preset.instructions,
            maximumTokens: config.maximumTokens ?? preset.maximumTokens,
            topP: config.topP ?? preset.topP,
            temperature: config.temperature ?? preset.temperature,
            endpointing: isFirst ? nil : config.endpointing?.uppercased(),
            sessionSeconds: config.sessionSeconds ?? preset.sessionSeconds,
            takesTypedTurns: !isFirst
        )
    }
}
