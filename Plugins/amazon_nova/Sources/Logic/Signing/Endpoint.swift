// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Where the stream of a model is, as the request's URL and as its signature write it (protocol page, "HTTP/2 request").
struct Endpoint: Hashable, Sendable {
    /// The URL of the request.
    let url: String
    /// The `host` header, which HTTP/2 sends as `:authority`.
    let authority: String
    /// The path, encoded once more than in the URL.
    let canonicalPath: String

    /// - Throws: ``PluginError`` with ``Status/invalid`` when `origin` is not an http or https URL.
    init(origin: String, model: String) throws(PluginError) {
        let isTLS = origin.hasPrefix("https://")
        guard isTLS || origin.hasPrefix("http://") else { throw .invalid("'url' must begin with https://") }
        let rest = origin.dropFirst(isTLS ? 8 : 7)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard slash > rest.startIndex, !rest.contains(where: { "?#@ ".contains($0) }) else {
            throw .invalid("'url' must be an origin, such as https://bedrock-runtime.us-east-1.amazonaws.com")
        }
        let prefix = rest[slash...].split(separator: "/").map { "/\($0)" }.joined()
        let path = "\(prefix)/model/\(Self.percentEncoded(model))/invoke-with-bidirectional-stream"
        url = "\(isTLS ? "https" : "http")://\(rest[..<slash])\(path)"
        authority = Self.withoutPort(rest[..<slash], default: isTLS ? ":443" : ":80").lowercased()
        canonicalPath = path.split(separator: "/").map { "/\(Self.percentEncoded(String($0)))" }.joined()
    }

    private static func withoutPort(_ authority: Substring, default port: String) -> String {
        String(authority.hasSuffix(port) ? authority.dropLast(port.count) : authority)
    }

    /// Everything but the unreserved characters of RFC 3986, 2.3, as `%XX`.
    static func percentEncoded(_ text: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~".utf8)
        return text.utf8.map { byte in
            plain.contains(byte) ? String(UnicodeScalar(byte)) : "%" + [byte].hex.uppercased()
        }.joined()
    }
}
