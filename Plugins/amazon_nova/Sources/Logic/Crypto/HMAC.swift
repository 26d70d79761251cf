// SPDX-License-Identifier: Apache-2.0

/// HMAC with SHA-256 (RFC 2104).
enum HMAC {
    /// 32 bytes.
    static func sha256(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        var block = key.count > SHA256.blockLength ? SHA256.hash(key) : key
        block.append(contentsOf: [UInt8](repeating: 0, count: SHA256.blockLength - block.count))
        var inner = SHA256()
        inner.update(block.map { $0 ^ 0x36 })
        inner.update(bytes)
        var outer = SHA256()
        outer.update(block.map { $0 ^ 0x5c })
        outer.update(inner.finish())
        return outer.finish()
    }
}
