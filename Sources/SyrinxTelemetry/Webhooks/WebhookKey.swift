// SPDX-License-Identifier: Apache-2.0

internal import CSodium
internal import SyrinxCore

/// Signs what is sent, as Standard Webhooks has it: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`.
package struct WebhookKey: Sendable, Equatable, CustomStringConvertible {
    private let bytes: [UInt8]

    /// `whsec_` and base64, or any text as it is. Nil when there is nothing in it.
    package init?(_ secret: String) {
        guard let key = SigningSecret.key(secret) else { return nil }
        bytes = key
    }

    /// - Parameter timestamp: seconds since 1970, of this try.
    package func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        var state = crypto_auth_hmacsha256_state()
        crypto_auth_hmacsha256_init(&state, bytes, bytes.count)
        for part in [Array("\(id).\(timestamp).".utf8), body] {
            crypto_auth_hmacsha256_update(&state, part, UInt64(part.count))
        }
        var digest = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_bytes()))
        crypto_auth_hmacsha256_final(&state, &digest)
        return "v1," + Self.encoded(digest)
    }

    /// A secret is never printed.
    package var description: String { Redactor.replacement }

    private static func encoded(_ bytes: [UInt8]) -> String {
        let variant = Int32(sodium_base64_VARIANT_ORIGINAL)
        var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
        sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
