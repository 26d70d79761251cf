// SPDX-License-Identifier: Apache-2.0

internal import CSodium
internal import SyrinxCore

/// Ed25519 and base64 by libsodium.
enum Sodium {
    /// libsodium asks to be told once; a failure means that the system has no randomness.
    private static let isReady = sodium_init() >= 0

    static let publicKeyBytes = 32
    static let secretKeyBytes = 64
    static let signatureBytes = 64

    struct KeyPair {
        var publicKey: [UInt8]
        var secretKey: [UInt8]
    }

    /// - Throws: `plugin.key.no_randomness`.
    static func makeKeyPair() throws(SyrinxError) -> KeyPair {
        guard isReady else {
            throw SyrinxError("plugin.key.no_randomness", "the system has no source of random numbers")
        }
        var publicKey = [UInt8](repeating: 0, count: publicKeyBytes)
        var secretKey = [UInt8](repeating: 0, count: secretKeyBytes)
        crypto_sign_keypair(&publicKey, &secretKey)
        return KeyPair(publicKey: publicKey, secretKey: secretKey)
    }

    /// Nil when the key has another size.
    static func sign(_ message: [UInt8], with secretKey: [UInt8]) -> [UInt8]? {
        guard secretKey.count == secretKeyBytes else { return nil }
        var signature = [UInt8](repeating: 0, count: signatureBytes)
        let status = crypto_sign_detached(&signature, nil, message, UInt64(message.count), secretKey)
        return status == 0 ? signature : nil
    }

    static func verify(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureBytes, publicKey.count == publicKeyBytes else { return false }
        return crypto_sign_verify_detached(signature, message, UInt64(message.count), publicKey) == 0
    }

    static func base64(_ bytes: [UInt8]) -> String {
        let variant = Int32(sodium_base64_VARIANT_ORIGINAL)
        var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
        sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Exactly `count` bytes, or nil.
    static func bytes(base64 text: String, count: Int) -> [UInt8]? {
        let characters = text.utf8.map { CChar(bitPattern: $0) }
        var bytes = [UInt8](repeating: 0, count: count)
        var length = 0
        let status = sodium_base642bin(
            &bytes, bytes.count, characters, characters.count, nil, &length, nil, Int32(sodium_base64_VARIANT_ORIGINAL))
        return status == 0 && length == count ? bytes : nil
    }
}
