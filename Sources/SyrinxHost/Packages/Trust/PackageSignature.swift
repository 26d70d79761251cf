// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// `plugin.json.sig`: an Ed25519 signature over the exact bytes of `plugin.json`, which lists the hashes of the rest.
package struct PackageSignature: Hashable, Sendable {
    /// Id of the key that made it, as the file claims.
    package var keyID: String
    package var bytes: [UInt8]

    package static let fileName = "plugin.json.sig"
    static let maximumBytes = 1 << 12

    /// Signs the bytes of a manifest.
    package init?(of manifest: [UInt8], by key: SigningKey) {
        guard let bytes = key.sign(manifest) else { return nil }
        self.bytes = bytes
        keyID = key.id
    }

    /// - Throws: `plugin.trust.signature_malformed`.
    package init(parsing bytes: [UInt8], file: String) throws(SyrinxError) {
        let json = try CheckedDocument.parse(bytes, by: Self.schema, file: file, maximumBytes: Self.maximumBytes) {
            SyrinxError("plugin.trust.signature_malformed", $0, fix: $1 ?? Self.help, place: $2)
        }
        guard let keyID = json["key"]?.string, let text = json["signature"]?.string,
            let signature = Sodium.bytes(base64: text, count: Sodium.signatureBytes)
        else {
            throw SyrinxError(
                "plugin.trust.signature_malformed", "`signature` is not the base64 of 64 bytes", fix: Self.help,
                place: "\(file):$.signature")
        }
        self.keyID = keyID
        self.bytes = signature
    }

    package var text: String {
        let members: JSONValue = [
            "algorithm": "ed25519", "key": .string(keyID), "signature": .string(Sodium.base64(bytes)),
        ]
        return members.text + "\n"
    }

    /// - Throws: `plugin.trust.key_revoked`, `.key_expired`, `.bad_signature`.
    func check(_ manifest: [UInt8], by key: TrustKey, today: CalendarDay, place: String) throws(SyrinxError) {
        guard !key.isRevoked else {
            throw SyrinxError(
                "plugin.trust.key_revoked", "signed with the key \(key.id) (\(key.name)), which is revoked",
                fix: "get a version that is signed with another key", place: place)
        }
        if let expires = key.expires, expires < today {
            throw SyrinxError(
                "plugin.trust.key_expired", "signed with the key \(key.id) (\(key.name)), which expired on \(expires)",
                fix: "get a newer key or a newer signature from its owner", place: place)
        }
        guard Sodium.verify(bytes, of: manifest, by: key.publicKey) else {
            throw SyrinxError(
                "plugin.trust.bad_signature", "the signature is not that of this plugin.json",
                fix: "get the package again from where it comes", place: place)
        }
    }

    private static let help = "`syrinx plugin sign` writes it"

    private static let schema = Result { () throws(SyrinxError) in
        try JSONSchema(
            parsing: #"""
                {"type": "object", "required": ["algorithm", "key", "signature"], "additionalProperties": false,
                 "properties": {
                   "algorithm": {"const": "ed25519"}, "key": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
                   "signature": {"type": "string", "maxLength": 128}}}
                """#)
    }
}
