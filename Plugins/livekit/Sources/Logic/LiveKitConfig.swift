// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What both providers are configured with; the keys are those of ``LiveKitSchema``.
public struct LiveKitConfig: Decodable, Sendable {
    var url: String
    var apiKey: String
    var apiSecret: String
    var library: String
    var singlePeerConnection: Bool?
    var tokenSeconds: Int64?
    /// Who joins, where a session or a webhook does not say.
    var identity: String?
    var name: String?
    var metadata: String?
    /// Of the door alone.
    var rooms: String?
    var events: [String]?

    private enum CodingKeys: String, CodingKey {
        case url, library, identity, name, metadata, rooms, events
        case apiKey = "api_key"
        case apiSecret = "api_secret"
        case singlePeerConnection = "single_peer_connection"
        case tokenSeconds = "token_seconds"
    }

    static let defaultTokenSeconds: Int64 = 600

    /// The signalling address: the library wants ws or wss.
    func address() throws(PluginError) -> String {
        for (scheme, socket) in [
            ("https://", "wss://"), ("http://", "ws://"), ("wss://", "wss://"), ("ws://", "ws://"),
        ]
        where url.hasPrefix(scheme) && url.utf8.count > scheme.utf8.count {
            return socket + url.dropFirst(scheme.count)
        }
        throw .invalid("config: 'url' must be LiveKit's address, such as wss://example.livekit.cloud")
    }
}

/// What a session of the backend is told.
public struct LiveKitOptions: Decodable, Sendable {
    var room: String
    var identity: String?
    var name: String?
    var metadata: String?
    var caller: String?
}

/// Which room to join, and as whom.
struct RoomJoin: Sendable {
    let room: String
    let identity: String
    let name: String?
    let metadata: String?
    /// Whom to listen to; nil = the first that speaks and is no agent.
    let caller: String?

    init(
        room: String, session: String, config: LiveKitConfig, options: LiveKitOptions? = nil, caller: String? = nil
    ) {
        self.room = room
        // Two sessions with one identity would throw each other out.
        identity = options?.identity ?? (config.identity ?? "agent") + "-" + session
        name = options?.name ?? config.name
        metadata = options?.metadata ?? config.metadata
        self.caller = options?.caller ?? caller
    }
}
