// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The few primitives that signalling, ICE and DTLS share.
enum Digests {
    static func hmacSHA1(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] { hmac(EVP_sha1(), key, bytes) }
    static func hmacSHA256(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] { hmac(EVP_sha256(), key, bytes) }

    /// In a time that does not depend on where they differ.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// Bytes that nobody can guess; nil when the system has none.
    static func random(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return RAND_bytes(&bytes, Int32(clamping: count)) == 1 ? bytes : nil
    }

    private static func hmac(_ digest: OpaquePointer?, _ key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard HMAC(digest, key, Int32(clamping: key.count), bytes, bytes.count, &result, &count) != nil else {
            return []
        }
        return Array(result.prefix(Int(count)))
    }
}
