// SPDX-License-Identifier: Apache-2.0

/// Where a plugin may reach: names, and the addresses that they may turn out to be.
package struct EgressRules: Sendable, Hashable {
    /// What the manifest names, and the URLs of the operator's configuration.
    package var origins: [EgressPattern]
    package var addresses: AddressRules

    package init(origins: [EgressPattern] = [], addresses: AddressRules = AddressRules()) {
        self.origins = origins
        self.addresses = addresses
    }

    package func allow(_ url: NetworkURL) -> Bool { origins.contains { $0.matches(url) } }
}

/// A host or URL prefix: `api.example.com`, `*.example.com`, `wss://api.example.com:8443/v1`.
package struct EgressPattern: Sendable, Hashable {
    /// Nil = every scheme that is secure (https, wss).
    private let scheme: NetworkURL.Scheme?
    private let host: String
    private let isSuffix: Bool
    private let port: Int?
    private let path: String

    package init?(_ text: String) {
        var rest = Substring(text)
        var scheme: NetworkURL.Scheme?
        if let colon = text.firstRange(of: "://") {
            guard let known = NetworkURL.Scheme(rawValue: text[..<colon.lowerBound].lowercased()) else { return nil }
            scheme = known
            rest = text[colon.upperBound...]
        }
        isSuffix = rest.hasPrefix("*.")
        if isSuffix { rest = rest.dropFirst(2) }
        guard let url = NetworkURL("\((scheme ?? .https).rawValue)://\(rest)") else { return nil }
        self.scheme = scheme
        host = url.host
        // Without a scheme any port may be meant; with one, its own or the one written.
        port = scheme == nil && url.port == NetworkURL.Scheme.https.defaultPort ? nil : url.port
        path = url.target
    }

    package func matches(_ url: NetworkURL) -> Bool {
        guard isSuffix ? url.host.hasSuffix(".\(host)") : url.host == host else { return false }
        guard port == nil || port == url.port, matches(scheme: url.scheme) else { return false }
        return matches(path: url.target)
    }

    /// `wss` says that it may be reached securely, by https too; `ws` and `http` likewise.
    private func matches(scheme other: NetworkURL.Scheme) -> Bool {
        guard let scheme else { return other.isSecure }
        return scheme.isSecure == other.isSecure
    }

    /// Whole segments only: `/v1` allows `/v1` and `/v1/x`, not `/v10`; dots that climb are not followed at all.
    private func matches(path other: String) -> Bool {
        guard path != "/" else { return true }
        let target = other.prefix { $0 != "?" }
        // What a server might take for a step upwards or for another separator.
        let hidden = ["%2e", "%2f", "%5c", "\\"]
        guard !target.split(separator: "/").contains(".."), !hidden.contains(where: target.lowercased().contains)
        else { return false }
        let wanted = path.prefix { $0 != "?" }
        return target == wanted || target.hasPrefix(wanted.hasSuffix("/") ? String(wanted) : "\(wanted)/")
    }
}
