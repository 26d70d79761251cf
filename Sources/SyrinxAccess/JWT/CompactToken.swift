// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// A signed token taken apart (RFC 7515 3.1). Nothing of it is true yet.
///
/// Of the header only `alg` and `kid` are read. `jku`, `jwk`, `x5u` and `x5c` bring a key along, and a key that comes
/// with the token proves nothing: they are never looked at. `crit` demands that something be understood that we do not
/// know, so such a token is refused (RFC 7515 4.1.11).
struct CompactToken {
    /// The largest token that is looked at.
    static let maximumBytes = 8192

    var algorithm: JWTAlgorithm
    var keyID: String?
    var claims: JSONValue
    var signedBytes: [UInt8]
    var signature: [UInt8]

    /// Nil for anything that is not exactly of the form.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        let bytes = Array(text.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Base64URL.decode(parts[2]), !signature.isEmpty,
            let algorithm = header["alg"]?.string.flatMap(JWTAlgorithm.init(rawValue:)),
            Self.isUnderstood(header)
        else { return nil }
        self.algorithm = algorithm
        keyID = header["kid"]?.string
        self.claims = claims
        signedBytes = Array(bytes[..<parts[1].endIndex])
        self.signature = signature
    }

    private static func object(_ part: ArraySlice<UInt8>) -> JSONValue? {
        guard let bytes = Base64URL.decode(part),
            // Duplicate names are refused: two readers might take different ones (RFC 7519 4).
            let value = try? JSONValue(parsing: bytes, maximumBytes: maximumBytes, maximumDepth: 8), value.object != nil
        else { return nil }
        return value
    }

    private static func isUnderstood(_ header: JSONValue) -> Bool {
        guard header["crit"] == nil, header["b64"] == nil, header["enc"] == nil, header["zip"] == nil else {
            return false
        }
        if let keyID = header["kid"] { guard keyID.string != nil else { return false } }
        // RFC 7519 5.1 and RFC 9068 2.1; so no other kind of signed document passes for an access token.
        guard let type = header["typ"] else { return true }
        return ["jwt", "at+jwt", "application/at+jwt"].contains(type.string?.lowercased())
    }
}
