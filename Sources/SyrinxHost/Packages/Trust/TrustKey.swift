// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// A public key that the operator trusts to sign plugins, and how far.
package struct TrustKey: Hashable, Sendable {
    /// What a signature by this key allows.
    package enum Reach: String, Hashable, Sendable, CaseIterable {
        /// Inside the server's process.
        case inproc
        /// In a helper process only.
        case isolated
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the public key.
    package let id: String
    package let publicKey: [UInt8]
    /// For people.
    package var name: String
    package var reach: Reach
    /// The last day on which it is good, in UTC; nil = no end.
    package var expires: CalendarDay?
    package var isRevoked: Bool

    package init(
        publicKey: [UInt8], name: String, reach: Reach, expires: CalendarDay? = nil, isRevoked: Bool = false
    ) {
        id = Self.id(of: publicKey)
        self.publicKey = publicKey
        self.name = name
        self.reach = reach
        self.expires = expires
        self.isRevoked = isRevoked
    }

    static func id(of publicKey: [UInt8]) -> String { String(ContentHash(of: publicKey).hex.prefix(16)) }

    /// Both files say something about the same key: the stricter word counts.
    func combined(with other: TrustKey) -> TrustKey {
        var key = self
        key.reach = reach == .isolated || other.reach == .isolated ? .isolated : .inproc
        key.expires = [expires, other.expires].compactMap { $0 }.min()
        key.isRevoked = isRevoked || other.isRevoked
        return key
    }
}
