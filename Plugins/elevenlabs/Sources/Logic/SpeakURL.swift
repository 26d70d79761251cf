// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Addresses of the vendor's speech (protocol page, "TTS WebSocket, many contexts" and "TTS HTTP").
enum SpeakURL {
    static let origin = "wss://api.elevenlabs.io"

    static func socket(_ config: SpeakConfig, _ route: Route, sampleRate: UInt32) -> String {
        var query = QueryURL(
            origin(config, "ws"), path: "/v1/text-to-speech/\(QueryURL.encode(route.voice))/multi-stream-input")
        query.add("model_id", config.model)
        query.add("output_format", "pcm_\(sampleRate)")
        if let language = route.language { query.add("language_code", language) }
        // The longest there is: a caller may talk for a while before the agent says something.
        query.add("inactivity_timeout", "180")
        // Text comes in whole clauses: nothing is gained by waiting for more of it.
        query.add("auto_mode", "true")
        query.add("enable_ssml_parsing", config.parsesSSML)
        query.add("enable_logging", config.logsAtVendor)
        query.add("apply_text_normalization", config.textNormalization)
        query.add("seed", config.seed.map { "\($0)" })
        return query.text
    }

    static func stream(_ config: SpeakConfig, _ route: Route, sampleRate: UInt32) -> String {
        var query = QueryURL(origin(config, "http"), path: "/v1/text-to-speech/\(QueryURL.encode(route.voice))/stream")
        query.add("output_format", "pcm_\(sampleRate)")
        query.add("enable_logging", config.logsAtVendor)
        return query.text
    }

    /// One address serves both: ws or http, each with or without TLS.
    private static func origin(_ config: SpeakConfig, _ scheme: String) -> String {
        let url = config.url ?? origin
        guard let end = url.firstRange(of: "://") else { return url }
        let isSecure = ["wss", "https"].contains(url[..<end.lowerBound].lowercased())
        return scheme + (isSecure ? "s" : "") + "://" + url[end.upperBound...]
    }
}
