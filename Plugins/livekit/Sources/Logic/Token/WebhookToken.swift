// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The token that comes with a webhook: everything about it is judged here but the signature, for which the host's
/// digest of ``signedPart`` is needed.
struct WebhookToken {
    /// How far the clocks may differ, in seconds, as LiveKit's own receivers allow.
    static let leeway: Int64 = 60
    private static let maximumBytes = 8192

    let signedPart: String
    private let signature: [UInt8]
    private let claims: JSONValue

    /// Nil when the header holds no HS256 token.
    init?(authorization: String) {
        let bearer = "Bearer "
        let token = authorization.hasPrefix(bearer) ? authorization.dropFirst(bearer.count) : authorization[...]
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard token.utf8.count <= Self.maximumBytes, parts.count == 3,
            let header = Self.json(parts[0]), let claims = Self.json(parts[1]),
            let signature = Base64URL.decode(parts[2]), header["alg"]?.string == "HS256"
        else { return nil }
        signedPart = parts[0] + "." + parts[1]
        self.claims = claims
        self.signature = signature
    }

    /// True when the claims are for this body, from this key, and not of another time.
    func covers(_ body: [UInt8], key: String, now: Int64) -> Bool {
        guard claims["iss"]?.string == key, let expiry = claims["exp"]?.int, let digest = claims["sha256"]?.string,
            let claimed = Base64.decode(digest)
        else { return false }
        guard now.subtractingReportingOverflow(Self.leeway).partialValue < expiry else { return false }
        if let start = claims["nbf"]?.int, start > now &+ Self.leeway { return false }
        return Self.areEqual(claimed, SHA256.hash(body))
    }

    /// True when `digest` is the signature.
    func isSigned(_ digest: [UInt8]) -> Bool { Self.areEqual(signature, digest) }

    /// In a time that tells nothing about where they differ.
    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func json(_ part: Substring) -> JSONValue? {
        Base64URL.decode(part).flatMap { try? JSONValue(parsing: $0, maximumDepth: 8) }
    }
}
