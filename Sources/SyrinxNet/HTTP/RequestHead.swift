// SPDX-License-Identifier: Apache-2.0

internal import NIOHTTP1
internal import SyrinxCore

/// The head of a request as it goes out. What frames the message or belongs to one connection is the client's own
/// (RFC 9110, 7.6.1): a plugin's headers of that kind are left out.
struct RequestHead {
    private static let own: Set<String> = [
        "host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer", "upgrade",
        "expect", "content-length", "http2-settings",
    ]
    /// Requests that mean the same however often they arrive (RFC 9110, 9.2.2).
    private static let idempotent: Set<String> = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]
    private static let bodiless: Set<String> = ["GET", "HEAD", "OPTIONS", "TRACE", "DELETE"]

    let head: HTTPRequestHead
    let isIdempotent: Bool
    /// Of the body that must come, nil = any number of bytes.
    let bodyLength: Int?

    /// - Throws: what is wrong with the request.
    init(_ request: NetworkRequest) throws(NetworkFailure) {
        try Self.check(request)
        var headers = HTTPHeaders([("Host", request.url.authority)])
        for (name, value) in request.headers where !Self.own.contains(name.lowercased()) {
            headers.add(name: name, value: value)
        }
        if !headers.contains(name: "User-Agent") {
            headers.add(name: "User-Agent", value: "syrinx/\(SyrinxVersion.current)")
        }
        bodyLength = request.streamsBody ? Self.announced(request) : request.body.count
        switch bodyLength {
        case nil: headers.add(name: "Transfer-Encoding", value: "chunked")
        case 0? where Self.bodiless.contains(request.method): break
        case let length?: headers.add(name: "Content-Length", value: String(length))
        }
        isIdempotent = Self.idempotent.contains(request.method)
        head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: request.url.target, headers: headers)
    }

    /// The upgrade of a connection to a WebSocket.
    init(_ request: NetworkRequest, _ upgrade: Upgrade) throws(NetworkFailure) {
        try Self.check(request)
        var headers = HTTPHeaders([("Host", request.url.authority)])
        for (name, value) in upgrade.headers { headers.add(name: name, value: value) }
        for (name, value) in request.headers
        where !Self.own.contains(name.lowercased()) && !Upgrade.reserved.contains(name.lowercased()) {
            headers.add(name: name, value: value)
        }
        if !headers.contains(name: "User-Agent") {
            headers.add(name: "User-Agent", value: "syrinx/\(SyrinxVersion.current)")
        }
        isIdempotent = true
        bodyLength = 0
        head = HTTPRequestHead(version: .http1_1, method: .GET, uri: request.url.target, headers: headers)
    }

    /// A length that the plugin promises for a body that it streams.
    private static func announced(_ request: NetworkRequest) -> Int? {
        let values = request.headers.filter { $0.name.lowercased() == "content-length" }.map(\.value)
        guard values.count == 1, let length = Int(values[0]), length >= request.body.count else { return nil }
        return length
    }

    /// Nothing that a plugin writes may end a line or begin another request.
    private static func check(_ request: NetworkRequest) throws(NetworkFailure) {
        guard isToken(request.method), request.method != "CONNECT" else {
            throw NetworkFailure(.protocolBroken, "the request to \(request.url.host) has no proper method")
        }
        for (name, value) in request.headers {
            guard isToken(name), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
                throw NetworkFailure(.protocolBroken, "the request to \(request.url.host) has a malformed header")
            }
        }
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
