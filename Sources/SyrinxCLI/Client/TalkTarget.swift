// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Where a call goes: `ws://HOST:PORT`, with the session's wishes in the query.
package struct TalkTarget: Sendable, Equatable {
    package static let path = "/v1/talk"

    package var host: String
    package var port: Int
    /// Path and query as sent.
    package var uri: String
    /// The tenant's API key.
    package var key: String?

    /// - Parameters:
    ///   - url: `ws://HOST[:PORT][/PATH][?QUERY]`; the path is `/v1/talk` unless there is one.
    ///   - query: appended, percent-encoded, in this order.
    /// - Throws: `client.url_invalid`.
    package init(url: String, query: [(name: String, value: String)] = []) throws(SyrinxError) {
        guard let rest = url.dropping(prefix: "ws://") else {
            let isSecure = url.hasPrefix("wss://")
            throw Self.invalid(isSecure ? "TLS is not spoken by this client" : "`\(url)` does not begin with ws://")
        }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        (host, port) = try Self.authority(rest[..<end], url)
        let tail = rest[end...]
        let mark = tail.firstIndex(of: "?") ?? tail.endIndex
        let path = tail[..<mark]
        let own = tail[mark...].dropFirst()
        let pairs =
            (own.isEmpty ? [] : [String(own)]) + query.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }
        uri =
            (path.isEmpty || path == "/" ? Self.path : String(path))
            + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
        guard uri.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Self.invalid("`\(url)` has characters that a URL has not")
        }
    }

    /// `HOST:PORT`, `[v6]:PORT`; the port is 8080 unless there is one.
    private static func authority(_ text: Substring, _ url: String) throws(SyrinxError) -> (String, Int) {
        let bracket = text.lastIndex(of: "]")
        let colon = text.lastIndex(of: ":").flatMap { colon in bracket.map { colon > $0 } ?? true ? colon : nil }
        let host = text[..<(colon ?? text.endIndex)].filter { $0 != "[" && $0 != "]" }
        let port = colon.map { Int(text[text.index(after: $0)...]) } ?? 8080
        guard !host.isEmpty, let port, (1...65_535).contains(port), !host.contains("@") else {
            throw invalid("`\(url)` has no valid host and port")
        }
        return (host, port)
    }

    private static func invalid(_ message: String) -> SyrinxError {
        SyrinxError("client.url_invalid", message, fix: "write --url ws://127.0.0.1:8080")
    }

    /// `host:port` for people and for the Host header (RFC 9110 7.2).
    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension String {
    fileprivate func dropping(prefix: String) -> Substring? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }

    /// RFC 3986 2.3: everything but the unreserved characters.
    fileprivate var percentEncoded: String {
        let hex = Array("0123456789ABCDEF")
        return utf8.reduce(into: "") { text, byte in
            let scalar = UnicodeScalar(byte)
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal)
            if isPlain || "-._~".unicodeScalars.contains(scalar) {
                text.unicodeScalars.append(scalar)
            } else {
                text += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
            }
        }
    }
}
