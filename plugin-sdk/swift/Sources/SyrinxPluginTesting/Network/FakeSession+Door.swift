// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import SyrinxABI
public import SyrinxPlugin

// A transport's door: a test knocks as the host does for somebody who asks, and reads what the plugin replied. A socket that
// was taken is played as one that the plugin opened itself: `acceptSocket`, `deliverText`, `sentTexts`, `closeSocket`.

extension FakeSession {
    /// Somebody asks at the door.
    ///
    /// - Parameters:
    ///   - method: The HTTP method.
    ///   - url: The whole URL, as the peer wrote it.
    ///   - path: What follows the door's own path.
    ///   - headers: The headers.
    ///   - body: The body.
    ///   - upgrades: The request is the handshake of a WebSocket.
    /// - Returns: The request's id, which becomes the socket's.
    @discardableResult
    public func knock(
        _ method: String,
        _ url: String,
        path: String = "",
        headers: [String: String] = [:],
        body: String = "",
        upgrades: Bool = false,
        isRouted: Bool = true
    ) -> NetworkID {
        let lower = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }) { $1 }
        var json: JSONValue = .object([
            "method": .string(method), "url": .string(url), "path": .string(path), "peer": "203.0.113.5",
            "query": .object(Self.query(of: url)), "headers": .object(lower.mapValues { .string($0) }),
        ])
        if upgrades, case .object(var members) = json {
            members["upgrade"] = "websocket"
            json = .object(members)
        }
        if !isRouted, case .object(var members) = json {
            members["routed"] = false
            json = .object(members)
        }
        let id = network.withLock { network in
            network.lastID += 1
            let request = FakeRequest(
                id: network.lastID,
                url: url,
                method: method,
                headers: headers.map { (name: $0.key, value: $0.value) },
                body: Array(body.utf8),
                isSocket: upgrades
            )
            network.order.append(network.lastID)
            network.exchanges[network.lastID] = FakeNetwork.Exchange(
                request: request,
                appetite: .holds,
                bodyIsComplete: true
            )
            var event = NetworkDelivery(type: .httpRequest, id: network.lastID)
            event.bytes = Array(body.utf8)
            event.json = json.text
            network.queue.append(event)
            return network.lastID
        }
        pump()
        return NetworkID(rawValue: id)
    }

    /// What the plugin replied to a knock; nil = nothing yet.
    public func reply(_ id: NetworkID) -> DoorReply? {
        guard let event = events.last(where: { $0.type == .httpReply && $0.id == id.rawValue }) else { return nil }
        let headers = (try? JSON.decode([String: String].self, from: event.json)) ?? [:]
        let lower = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }) { $1 }
        return DoorReply(Int(clamping: event.integer), headers: lower, body: event.text)
    }

    private static func query(of url: String) -> [String: JSONValue] {
        guard let start = url.firstIndex(of: "?") else { return [:] }
        var query: [String: JSONValue] = [:]
        for pair in url[url.index(after: start)...].split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[plain(parts[0])] = .string(parts.count > 1 ? plain(parts[1]) : "")
        }
        return query
    }

    /// Without its percent-encoding.
    private static func plain(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard byte == UInt8(ascii: "%"), let value = UInt8(digits, radix: 16) else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
