// SPDX-License-Identifier: Apache-2.0

/// An absolute URL of http, https, ws or wss, parsed strictly (RFC 3986): no user information, no fragment, no control
/// characters or spaces. What does not parse is nil.
package struct NetworkURL: Sendable, Hashable {
    package enum Scheme: String, Sendable {
        case http, https, ws, wss

        package var isSecure: Bool { self == .https || self == .wss }
        package var isWebSocket: Bool { self == .ws || self == .wss }
        package var defaultPort: Int { isSecure ? 443 : 80 }
    }

    package let scheme: Scheme
    /// Lower case; an IPv6 address is without its brackets.
    package let host: String
    package let port: Int
    /// Path and query as they were written; at least "/".
    package let target: String

    package init?(_ text: String) {
        guard text.utf8.count <= NetworkLimits.url, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
            let colon = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<colon.lowerBound].lowercased())
        else { return nil }
        let rest = text[colon.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        guard let (host, port) = Self.authority(rest[..<end]), !rest[end...].contains("#") else { return nil }
        let target = rest[end...]
        self.scheme = scheme
        self.host = host
        self.port = port ?? scheme.defaultPort
        self.target = target.hasPrefix("/") ? String(target) : "/" + target
    }

    /// `host`, or `host:port` when the port is not the scheme's own: the Host header (RFC 9110, 7.2).
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    /// Scheme and authority: what connections are shared by.
    package var origin: String { "\(scheme.rawValue)://\(authority)" }

    private static func authority(_ text: Substring) -> (String, Int?)? {
        var host = text
        var port: Int?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            guard host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }), host.contains(":") else { return nil }
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { return nil }
            if !after.isEmpty {
                guard let number = Self.port(after.dropFirst()) else { return nil }
                port = number
            }
        } else {
            if let colon = text.firstIndex(of: ":") {
                host = text[..<colon]
                guard let number = Self.port(text[text.index(after: colon)...]) else { return nil }
                port = number
            }
            guard host.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_" }) else {
                return nil
            }
        }
        guard !host.isEmpty, host.utf8.count <= 255 else { return nil }
        return (host.lowercased(), port)
    }

    private static func port(_ text: Substring) -> Int? {
        guard text.count <= 5, text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text),
            (1...65_535).contains(number)
        else { return nil }
        return number
    }
}
