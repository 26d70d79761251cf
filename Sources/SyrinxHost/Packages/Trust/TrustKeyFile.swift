// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The key files: `NAME.pub.json` for operators, `NAME.secret.json` for who signs.
package enum TrustKeyFile {
    package static let publicSuffix = ".pub.json"
    package static let secretSuffix = ".secret.json"
    static let maximumBytes = 1 << 16

    /// A public key's file.
    /// - Throws: `plugin.trust.key_invalid`.
    package static func parse(_ bytes: [UInt8], file: String) throws(SyrinxError) -> TrustKey {
        let json = try CheckedDocument.parse(bytes, by: publicSchema, file: file, maximumBytes: maximumBytes) {
            SyrinxError("plugin.trust.key_invalid", $0, fix: $1, place: $2)
        }
        guard let text = json["public"]?.string,
            let publicKey = Sodium.bytes(base64: text, count: Sodium.publicKeyBytes)
        else { throw invalid("`public` is not the base64 of 32 bytes", "\(file):$.public") }
        let reach = json["trust"]?.string.flatMap(TrustKey.Reach.init(rawValue:)) ?? .isolated
        var expires: CalendarDay?
        if let day = json["expires"]?.string {
            expires = CalendarDay(day)
            guard expires != nil else { throw invalid("`\(day)` is no day, YYYY-MM-DD", "\(file):$.expires") }
        }
        let key = TrustKey(
            publicKey: publicKey, name: json["name"]?.string ?? "", reach: reach, expires: expires,
            isRevoked: json["revoked"]?.bool ?? false)
        guard json["id"]?.string == key.id else {
            throw invalid("`id` is not that of the key, \(key.id)", "\(file):$.id")
        }
        return key
    }

    package static func text(_ key: TrustKey) -> String {
        var members: [String: JSONValue] = [
            "syrinx_key": 1, "id": .string(key.id), "name": .string(key.name), "trust": .string(key.reach.rawValue),
            "public": .string(Sodium.base64(key.publicKey)),
        ]
        if let expires = key.expires { members["expires"] = .string("\(expires)") }
        if key.isRevoked { members["revoked"] = true }
        return JSONValue.object(members).text + "\n"
    }

    static func invalid(_ message: String, _ place: String) -> SyrinxError {
        SyrinxError(
            "plugin.trust.key_invalid", message, fix: "`syrinx plugin keygen` writes valid key files", place: place)
    }

    private static let publicSchema = Result { () throws(SyrinxError) in
        try JSONSchema(
            parsing: #"""
                {"type": "object", "required": ["syrinx_key", "id", "public"], "additionalProperties": false,
                 "properties": {
                   "syrinx_key": {"const": 1}, "id": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
                   "name": {"type": "string", "maxLength": 128}, "trust": {"enum": ["inproc", "isolated"]},
                   "public": {"type": "string", "maxLength": 64}, "expires": {"type": "string", "maxLength": 10},
                   "revoked": {"type": "boolean"}}}
                """#)
    }
}
