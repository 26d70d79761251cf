// SPDX-License-Identifier: Apache-2.0

/// The algorithms of signed tokens that can be configured (RFC 7518 3.1, RFC 8037). `none` is not among them, and
/// cannot be: a key has exactly one, and a token that says another is refused.
package enum JWTAlgorithm: String, Sendable, CaseIterable {
    case es256 = "ES256"
    case rs256 = "RS256"
    case edDSA = "EdDSA"
    case hs256 = "HS256"
}
