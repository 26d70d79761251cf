// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// A secret key that signs packages.
package struct SigningKey: Sendable {
    package let publicKey: [UInt8]
    private let secretKey: [UInt8]

    /// A new one, from the system's randomness.
    package init() throws(SyrinxError) {
        let pair = try Sodium.makeKeyPair()
        publicKey = pair.publicKey
        secretKey = pair.secretKey
    }

    package var id: String { TrustKey.id(of: publicKey) }

    /// From the bytes of `NAME.secret.json`.
    /// - Throws: `plugin.trust.key_invalid`.
    package init(parsing bytes: [UInt8], file: String) throws(SyrinxError) {
        let json = try CheckedDocument.parse(
            bytes, by: Self.schema, file: file, maximumBytes: TrustKeyFile.maximumBytes
        ) { SyrinxError("plugin.trust.key_invalid", $0, fix: $1, place: $2) }
        guard let text = json["secret"]?.string,
            let secretKey = Sodium.bytes(base64: text, count: Sodium.secretKeyBytes)
        else { throw TrustKeyFile.invalid("`secret` is not the base64 of 64 bytes", "\(file):$.secret") }
        self.secretKey = secretKey
        // The second half of an Ed25519 secret key is its public key.
        publicKey = Array(secretKey.suffix(Sodium.publicKeyBytes))
    }

    package var text: String {
        let members: JSONValue = [
            "syrinx_secret_key": 1, "id": .string(id), "secret": .string(Sodium.base64(secretKey)),
        ]
        return members.text + "\n"
    }

    func sign(_ message: [UInt8]) -> [UInt8]? { Sodium.sign(message, with: secretKey) }

    private static let schema = Result { () throws(SyrinxError) in
        try JSONSchema(
            parsing: #"""
                {"type": "object", "required": ["syrinx_secret_key", "secret"], "additionalProperties": false,
                 "properties": {
                   "syrinx_secret_key": {"const": 1}, "id": {"type": "string"},
                   "secret": {"type": "string", "maxLength": 128, "x-secret": true}}}
                """#)
    }
}
