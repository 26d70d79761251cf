// SPDX-License-Identifier: Apache-2.0

/// Somebody asks at a transport's door. Nothing in it is trusted.
public struct DoorRequest: Sendable {
    /// What the answer, and the socket of an upgrade, goes by.
    public let id: NetworkID
    /// In upper case.
    public let method: String
    /// As the peer wrote it: scheme, host, path and query.
    public let url: String
    /// What follows the door's own path; begins with the session's id where it leads to one.
    public let path: String
    /// The query's fields, decoded.
    public let query: [String: String]
    /// Names in lower case; values of one name joined with a comma.
    public let headers: [String: String]
    /// The peer's address, without port.
    public let peer: String
    /// At most 16 KiB.
    public let body: [UInt8]
    /// A WebSocket is asked for.
    public let upgrades: Bool
    /// False when the host knows that a call of the number in the request leads nowhere; it looks where the provider's
    /// capabilities name the field, `"number_field": "To"`.
    public let isRouted: Bool

    /// Reads ``EventType/httpRequest``; nil when the event is another.
    public init?(_ event: borrowing Event) {
        guard event.type == .httpRequest, let json = try? JSONValue(parsing: event.json, maximumBytes: 256 << 10)
        else { return nil }
        id = NetworkID(rawValue: event.id)
        method = json["method"]?.string?.uppercased() ?? "GET"
        url = json["url"]?.string ?? ""
        path = json["path"]?.string ?? ""
        query = (json["query"]?.object ?? [:]).compactMapValues(\.string)
        headers = (json["headers"]?.object ?? [:]).compactMapValues(\.string)
        peer = json["peer"]?.string ?? ""
        upgrades = json["upgrade"]?.string == "websocket"
        isRouted = json["routed"]?.bool ?? true
        body = event.bytes
    }

    /// The body as text; broken UTF-8 is repaired.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The media type without its parameters, in lower case.
    public var contentType: String {
        let type = (headers["content-type"] ?? "").prefix { $0 != ";" }
        return type.split(separator: " ").first.map { $0.lowercased() } ?? ""
    }

    /// What follows "Bearer" (RFC 6750, 2.1).
    public var bearer: String? {
        let words = (headers["authorization"] ?? "").split(separator: " ")
        return words.count == 2 && words[0].lowercased() == "bearer" ? String(words[1]) : nil
    }
}
