// SPDX-License-Identifier: Apache-2.0

/// Who may use the admin API.
package struct AccessConfig: Hashable, Sendable {
    /// By name; their scopes are of no meaning. None: the admin listener is open, on loopback only.
    package var operators: [String: KeyConfig] = [:]

    package init() {}
}

/// An API key, of which only the hash is known.
package struct KeyConfig: Hashable, Sendable {
    package enum Scope: String, Hashable, Sendable, CaseIterable {
        case talk, read, admin
    }

    /// `sha256:` and 64 hexadecimal digits in lower case.
    package var hash: String
    package var scopes: [Scope]
    /// Milliseconds since 1970.
    package var expires: Int64?

    package init(hash: String, scopes: [Scope] = [.talk], expires: Int64? = nil) {
        self.hash = hash
        self.scopes = scopes
        self.expires = expires
    }
}

/// What tokens signed with one key have to say.
package struct JWTConfig: Hashable, Sendable {
    /// The words of RFC 7518 3.1 and RFC 8037 3.1.
    package enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case es256 = "ES256"
        case rs256 = "RS256"
        case edDSA = "EdDSA"
        case hs256 = "HS256"
    }

    package var algorithm: Algorithm
    /// A public key in PEM; with HS256 the secret itself.
    package var key: String
    package var issuer: String
    package var audience: String
    package var maxLifetime: Duration

    package init(
        algorithm: Algorithm, key: String, issuer: String, audience: String, maxLifetime: Duration = .seconds(3600)
    ) {
        self.algorithm = algorithm
        self.key = key
        self.issuer = issuer
        self.audience = audience
        self.maxLifetime = maxLifetime
    }
}
