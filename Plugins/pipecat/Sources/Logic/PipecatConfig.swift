// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The provider's configuration; the keys are those of the schema.
public struct PipecatConfig: CheckedConfiguration {
    /// Where a start endpoint's token goes.
    enum TokenPlace: String, Decodable, Sendable {
        case header, query, path, none
    }

    private var givenURL: String?
    var apiKey: String?
    /// For the socket, in its header.
    var token: String?
    var tokenIn: TokenPlace?
    /// What the start endpoint is sent.
    var body: JSONValue?
    var urlKey: String?
    var tokenKey: String?
    /// URLs that the start endpoint may lead to; the host reads them for its rules.
    var hosts: [String]?
    var inputRate: UInt32?
    var disconnectBot: Bool?
    var reconnect: Bool?

    private enum CodingKeys: String, CodingKey {
        case token, body, hosts, reconnect
        case givenURL = "url"
        case apiKey = "api_key"
        case tokenIn = "token_in"
        case urlKey = "url_key"
        case tokenKey = "token_key"
        case inputRate = "input_rate"
        case disconnectBot = "disconnect_bot"
    }

    /// Of what bots hear unless told, and of what most of them say, in hertz.
    static let inputRate: UInt32 = 16_000
    static let outputRate: UInt32 = 24_000

    /// Where Pipecat's own transport listens unless told.
    static let defaultURL = "ws://localhost:8765"

    /// The bot's socket, or the endpoint that starts a bot and says where its socket is.
    var url: String { givenURL ?? Self.defaultURL }

    /// True when a bot has to be started by HTTP first.
    var startsBots: Bool { url.lowercased().hasPrefix("http") }

    /// Throws what is wrong with the URL.
    public func check() throws(PluginError) {
        guard let parts = Self.parts(url), ["ws", "wss", "http", "https"].contains(parts.scheme) else {
            throw .invalid("'\(url)' is no URL of a Pipecat bot: it begins with ws://, wss://, http:// or https://")
        }
    }

    /// Scheme in lower case, and what follows it; nil without a host.
    static func parts(_ url: String) -> (scheme: String, rest: Substring)? {
        guard let colon = url.firstRange(of: "://") else { return nil }
        let rest = url[colon.upperBound...]
        let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !host.isEmpty, !rest.contains(where: { $0.isWhitespace || $0.isNewline }) else { return nil }
        return (url[..<colon.lowerBound].lowercased(), rest)
    }
}

/// What a session may bring.
public struct PipecatOptions: Decodable, Sendable {
    /// Members for the start endpoint, over those of the configuration.
    var body: JSONValue?
}
