// SPDX-License-Identifier: Apache-2.0

/// An API key, `syx_<8>_<43>`: the first part is its public id, the second 256 random bits. It is made once, shown
/// once, and then only its ``hash`` is kept.
package struct APIKey: Sendable, CustomStringConvertible {
    /// The whole key. Secret: it goes to its owner, and nowhere else.
    package let text: String

    /// A new one.
    package static func generate() -> APIKey {
        APIKey(text: "\(prefix)\(SecretText.random(idCharacters))_\(SecretText.random())")
    }

    /// Nil when it is not written like one. Says nothing of whether anybody knows it.
    package init?(parsing text: String) {
        let head = Self.prefix.utf8.count + Self.idCharacters
        guard text.utf8.count == head + 1 + SecretText.characters, text.utf8.allSatisfy({ $0 < 0x80 }),
            SecretText.isWellFormed(text.prefix(head), prefix: Self.prefix, count: Self.idCharacters),
            SecretText.isWellFormed(text.dropFirst(head), prefix: "_")
        else { return nil }
        self.text = text
    }

    /// Names the key in listings and logs: prefix and public id.
    package var id: String { String(text.prefix(Self.prefix.utf8.count + Self.idCharacters)) }

    package var hash: APIKeyHash { APIKeyHash(of: text) }

    /// Without the secret: it may stand in a log.
    package var description: String { id + "_…" }

    static let prefix = "syx_"
    private static let idCharacters = 8

    private init(text: String) { self.text = text }
}
