// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

extension DoorReply {
    /// A refusal with headers of its own.
    static func problem(_ status: Int, _ sentence: String, _ headers: [String: String]) -> DoorReply {
        var reply = problem(status, sentence)
        reply.headers.merge(headers) { $1 }
        return reply
    }

    /// Pages of any origin may call and read this: whoever is to be kept out needs a token.
    var forAnyOrigin: DoorReply {
        var reply = self
        reply.headers["access-control-allow-origin"] = "*"
        reply.headers["access-control-expose-headers"] = "location, etag, accept-patch"
        reply.headers["cache-control"] = "no-store"
        return reply
    }
}

extension DoorRequest {
    /// The door's own path, for the session's URL.
    static func doorPath(of url: String) -> String {
        var rest = url[...]
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        guard let slash = rest.firstIndex(of: "/") else { return "" }
        let path = rest[slash...].prefix { $0 != "?" && $0 != "#" }
        return String(path.reversed().drop { $0 == "/" }.reversed())
    }
}

extension PeerFacts {
    private static let maximumItems = 16
    private static let maximumLength = 256

    /// What the URL says, for nothing else is known of the peer.
    init(query: [String: String]) {
        self.init()
        let items = query.filter {
            $0.key.utf8.count <= Self.maximumLength && $0.value.utf8.count <= Self.maximumLength
        }
        language = items["language"] ?? ""
        for (key, value) in items.filter({ $0.key != "language" }).sorted(by: { $0.key < $1.key })
            .prefix(Self.maximumItems)
        {
            metadata[key] = value
        }
    }
}
