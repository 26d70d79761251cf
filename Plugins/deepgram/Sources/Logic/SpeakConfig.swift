// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The speaker's configuration and, key by key over it, a session's options.
public struct SpeakConfig: Decodable, Sendable {
    var url: String?
    var apiKey: String?
    var authScheme: String?
    var model: String?
    var speed: Double?
    var mipOptOut: Bool?

    private enum CodingKeys: String, CodingKey {
        case url, model, speed
        case apiKey = "api_key"
        case authScheme = "auth_scheme"
        case mipOptOut = "mip_opt_out"
    }

    /// This configuration with what a session says instead.
    func merged(with session: SpeakConfig) -> SpeakConfig {
        var merged = self
        merged.model = session.model ?? model
        merged.speed = session.speed ?? speed
        return merged
    }

    /// The address (protocol page, "TTS v1 streaming").
    func url(sampleRate: UInt32) -> String {
        var query = QueryURL(url ?? ListenURL.origin, path: "/v1/speak")
        query.add("model", model ?? "aura-2-thalia-en")
        query.add("encoding", "linear16")
        query.add("sample_rate", "\(sampleRate)")
        if let speed { query.add("speed", "\(speed)") }
        query.add("mip_opt_out", mipOptOut)
        return query.text
    }

    /// The header that names the key; nil for a server that wants none.
    var authorization: String? { apiKey.flatMap { $0.isEmpty ? nil : "\(authScheme ?? "Token") \($0)" } }
}
