// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// The SHA-256 of some bytes, written `sha256:` and 64 hexadecimal digits.
package struct ContentHash: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    package let hex: String

    /// From `sha256:<hex>`.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        self.init(hex: String(text.dropFirst(Self.prefix.count)))
    }

    /// From the digits alone.
    package init?(hex: String) {
        let isHash =
            hex.utf8.count == 64
            && hex.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isHash else { return nil }
        self.hex = hex
    }

    /// The hash of these bytes.
    package init(of bytes: [UInt8]) {
        var state = Hasher()
        bytes.withUnsafeBytes { state.update($0) }
        self = state.finish()
    }

    fileprivate init(digest: [UInt8]) {
        hex = digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    package var description: String { Self.prefix + hex }

    /// Enough to recognise it in a listing.
    package var short: String { String(hex.prefix(12)) }

    package static func < (left: ContentHash, right: ContentHash) -> Bool { left.hex < right.hex }

    private static let prefix = "sha256:"

    /// Hashes a file piece by piece.
    struct Hasher {
        private var state = crypto_hash_sha256_state()

        init() { crypto_hash_sha256_init(&state) }

        mutating func update(_ bytes: UnsafeRawBufferPointer) {
            guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
            crypto_hash_sha256_update(&state, base.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
        }

        mutating func finish() -> ContentHash {
            var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_bytes()))
            crypto_hash_sha256_final(&state, &digest)
            return ContentHash(digest: digest)
        }
    }
}
