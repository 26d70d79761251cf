// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import FoundationEssentials
package import SyrinxCore

/// The SHA-256 of a secret that this server made: all that is ever kept of one. Written `sha256:` and 64 hexadecimal
/// digits.
///
/// A slow hash (Argon2, bcrypt) is for secrets that people think up, which can be tried through. Ours have 256 random
/// bits: there is nothing to try through, and a fast hash lets a thousand calls a second be checked.
package struct SecretHash: Hashable, Sendable, CustomStringConvertible {
    private let digest: [UInt8]

    /// The hash of a whole secret, with its prefix.
    package init(of secret: String) { digest = Array(SHA256.hash(data: Array(secret.utf8))) }

    /// - Throws: `access.key_hash`.
    package init(parsing text: String) throws(SyrinxError) {
        guard text.hasPrefix(Self.prefix), let digest = Self.bytes(hex: text.utf8.dropFirst(Self.prefix.utf8.count))
        else {
            // The text is not repeated: where a hash belongs, somebody may have put the key itself.
            throw SyrinxError(
                "access.key_hash", "this is not the hash of a key",
                fix: "write `sha256:` and 64 lower-case hexadecimal digits, as they were shown with the key")
        }
        self.digest = digest
    }

    package var description: String {
        Self.prefix + digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// Takes the same time wherever the two differ.
    package static func == (left: SecretHash, right: SecretHash) -> Bool {
        guard left.digest.count == right.digest.count else { return false }
        return zip(left.digest, right.digest).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    private static let prefix = "sha256:"

    private static func bytes(hex: Substring.UTF8View) -> [UInt8]? {
        let nibbles = hex.compactMap { byte -> UInt8? in
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x61...0x66: byte - 0x61 + 10
            default: nil
            }
        }
        guard hex.count == 64, nibbles.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
    }
}

/// What is kept of an API key.
package typealias APIKeyHash = SecretHash
