// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SyrinxCore

/// Somebody asks at a door: what the plugin behind it is told.
struct DoorRequest: Sendable {
    var door: String
    /// Of a call that is there already; nil = a new one.
    var call: String?
    /// What follows the door's own path, without a slash at its beginning.
    var path = ""
    var method: String
    /// As the peer wrote it, with the host that it asked for.
    var url: String
    var query: [(name: String, value: String)] = []
    /// Lower-case names.
    var headers: [(name: String, value: String)]
    var peer: String?
    var body: [UInt8] = []
    var isUpgrade = false
    /// False when a call of the number in it leads nowhere.
    var isRouted = true

    /// `/doors/phone/ID/more?x=1`.
    /// - Returns: nil when the path is none of a door.
    init?(uri: String, method: String, headers: [(name: String, value: String)], peer: String?) {
        let (path, query) = Self.split(uri, at: "?")
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0].isEmpty, parts[1] == "doors", !parts[2].isEmpty else { return nil }
        door = String(parts[2])
        if parts.count > 3, !parts[3].isEmpty { call = String(parts[3]) }
        self.path = parts[3...].joined(separator: "/")
        self.method = method
        self.headers = headers
        self.peer = peer
        url = ""
        self.query = Self.pairs(query)
        url = origin + uri
    }

    static func matches(_ uri: String) -> Bool { uri.hasPrefix("/doors/") }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// A field of a webhook: of its form, or of its query; nil when there is none.
    func field(_ name: String) -> String? {
        let form = method == "POST" ? Self.pairs(Substring(String(decoding: body, as: UTF8.self))) : []
        return (form + query).first { $0.name == name }?.value
    }

    /// A proxy on this machine says what its own client spoke.
    private var origin: String {
        let isProxied = peer.map { $0.hasPrefix("127.") || $0 == "::1" } ?? true
        let scheme = isProxied ? header("x-forwarded-proto") : nil
        return "\(scheme == "https" || scheme == "wss" ? "https" : "http")://\(header("host") ?? "")"
    }

    /// HTTP_REQUEST's `json`.
    var json: String {
        var fields: [String: JSONValue] = [
            "method": .string(method), "url": .string(isUpgrade ? socketURL : url), "path": .string(path),
            "query": Self.object(query), "headers": Self.object(headers),
        ]
        if let peer { fields["peer"] = .string(peer) }
        if isUpgrade { fields["upgrade"] = "websocket" }
        if !isRouted { fields["routed"] = false }
        return JSONValue.object(fields).text
    }

    private var socketURL: String { "ws" + url.dropFirst(4) }

    /// Values of one name are joined (RFC 9110 5.2).
    private static func object(_ pairs: [(name: String, value: String)]) -> JSONValue {
        var members: [String: String] = [:]
        for (name, value) in pairs { members[name] = members[name].map { "\($0), \(value)" } ?? value }
        return .object(members.mapValues(JSONValue.string))
    }

    private static func pairs(_ query: Substring) -> [(name: String, value: String)] {
        query.split(separator: "&").prefix(64).map { pair in
            let (name, value) = split(String(pair), at: "=")
            return (decoded(name), decoded(value))
        }
    }

    private static func decoded(_ text: Substring) -> String { text.removingPercentEncoding ?? String(text) }

    private static func split(_ text: String, at mark: Character) -> (Substring, Substring) {
        guard let index = text.firstIndex(of: mark) else { return (text[...], "") }
        return (text[..<index], text[text.index(after: index)...])
    }
}

/// What the plugin answers.
struct DoorReply: Sendable, Error {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: String

    init(status: Int, headers: JSONValue, body: String) {
        self.status = status
        self.body = body
        self.headers = (headers.object ?? [:]).sorted { $0.key < $1.key }.prefix(32).compactMap { name, value in
            guard let text = value.string, Self.isField(name, text) else { return nil }
            return (name.lowercased(), text)
        }
    }

    /// A name and a value that may stand in a header (RFC 9110 5.1, 5.5); the lengths are the server's own business.
    private static func isField(_ name: String, _ value: String) -> Bool {
        let isName =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains(byte)
            }
        let reserved = ["content-length", "transfer-encoding", "connection", "upgrade"]
        return isName && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } && !reserved.contains(name.lowercased())
    }
}
