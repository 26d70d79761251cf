// SPDX-License-Identifier: Apache-2.0

/// Addresses of the vendor's speech (protocol page, "TTS WebSocket, many contexts" and "TTS HTTP").
enum SpeakURL {
    static let origin = "wss://api.elevenlabs.io"

    static func socket(_ config: SpeakConfig, _ route: Route, sampleRate: UInt32) -> String {
        var query = Query(
            origin(config, "ws"), path: "/v1/text-to-speech/\(Query.encode(route.voice))/multi-stream-input")
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
        return query.url
    }

    static func stream(_ config: SpeakConfig, _ route: Route, sampleRate: UInt32) -> String {
        var query = Query(origin(config, "http"), path: "/v1/text-to-speech/\(Query.encode(route.voice))/stream")
        query.add("output_format", "pcm_\(sampleRate)")
        query.add("enable_logging", config.logsAtVendor)
        return query.url
    }

    /// One address serves both: ws or http, each with or without TLS.
    private static func origin(_ config: SpeakConfig, _ scheme: String) -> String {
        let url = config.url ?? origin
        guard let end = url.firstRange(of: "://") else { return url }
        let isSecure = ["wss", "https"].contains(url[..<end.lowerBound].lowercased())
        return scheme + (isSecure ? "s" : "") + "://" + url[end.upperBound...]
    }
}

/// A URL that grows by query parameters, percent-encoded (RFC 3986, 2.3).
struct Query {
    private(set) var url: String
    private var isEmpty = true

    init(_ origin: String, path: String) {
        url = origin
        while url.hasSuffix("/") { url.removeLast() }
        url += path
    }

    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        url += (isEmpty ? "?" : "&") + name + "=" + Self.encode(value)
        isEmpty = false
    }

    mutating func add(_ name: String, _ value: Bool?) {
        add(name, value.map { $0 ? "true" : "false" })
    }

    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
