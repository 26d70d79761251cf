// SPDX-License-Identifier: Apache-2.0

/// What a request says of who it is from, and the way it came. Nothing of it is trusted.
package struct Credentials: Sendable, CustomStringConvertible {
    /// All `Authorization` headers; more than one is refused.
    package var authorization: [String]
    /// All query parameters `token`; one without a value counts as empty.
    package var queryTokens: [String]
    /// The `Host` header, or what stands for it.
    package var host: String?
    /// The first part of a path `/acme/v1/talk`.
    package var pathTenant: String?
    /// Of telephony, as E.164.
    package var calledNumber: String?
    /// Of the address that the listener is bound to. A Unix socket counts as loopback.
    package var listenerIsLoopback: Bool
    package var peerIsLoopback: Bool

    package init(
        authorization: [String] = [], queryTokens: [String] = [], host: String? = nil, pathTenant: String? = nil,
        calledNumber: String? = nil, listenerIsLoopback: Bool, peerIsLoopback: Bool
    ) {
        self.authorization = authorization
        self.queryTokens = queryTokens
        self.host = host
        self.pathTenant = pathTenant
        self.calledNumber = calledNumber
        self.listenerIsLoopback = listenerIsLoopback
        self.peerIsLoopback = peerIsLoopback
    }

    /// How many there are, and nothing of what they say.
    package var description: String { "\(authorization.count) headers, \(queryTokens.count) tokens" }
}

/// The one credential of a request, by its kind.
enum PresentedCredential {
    case none
    case apiKey(SecretHash)
    case sessionToken(String)
    case signedToken(String)
    case malformed

    init(_ credentials: Credentials) {
        let headers = credentials.authorization
        let tokens = credentials.queryTokens
        switch (headers.first, tokens.first) {
        case (nil, nil): self = .none
        case (let header?, nil) where headers.count == 1: self = Self.bearer(header)
        // An address ends up in logs and histories: there only what is good once may stand.
        case (nil, let token?) where tokens.count == 1:
            self = SecretText.isWellFormed(token, prefix: SessionTokens.prefix) ? .sessionToken(token) : .malformed
        default: self = .malformed
        }
    }

    /// `Bearer`, a space, the token (RFC 6750 2.1).
    private static func bearer(_ header: String) -> PresentedCredential {
        let scheme = "bearer "
        guard header.utf8.count <= CompactToken.maximumBytes + scheme.utf8.count,
            header.utf8.count > scheme.utf8.count,
            zip(header.utf8, scheme.utf8).allSatisfy({ $0 == $1 || ($0 | 0x20 == $1 && $1 != 0x20) })
        else { return .malformed }
        let token = String(decoding: header.utf8.dropFirst(scheme.utf8.count), as: UTF8.self)
        if let key = APIKey(parsing: token) { return .apiKey(key.hash) }
        if SecretText.isWellFormed(token, prefix: SessionTokens.prefix) { return .sessionToken(token) }
        return token.utf8.contains(UInt8(ascii: ".")) ? .signedToken(token) : .malformed
    }
}
