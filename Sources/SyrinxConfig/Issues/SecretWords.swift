// SPDX-License-Identifier: Apache-2.0

/// Keys whose values are taken for secrets wherever they stand, a provider's `config` included.
enum SecretWords {
    private static let last: Set<Substring> = [
        "secret", "secrets", "key", "hash", "password", "passphrase", "token", "credential", "credentials", "headers",
        "apikey", "bearer",
    ]
    /// Groups in which every value is a secret.
    static let groups: Set<String> = ["secrets", "headers"]

    /// `api_key`, `webhookSecret`, `X-Auth-Token`.
    static func isSecret(_ key: String) -> Bool {
        var word = key.prefix(128)[...]
        if let separator = word.lastIndex(where: { $0 == "_" || $0 == "-" || $0 == "." }) {
            word = word[word.index(after: separator)...]
        } else if let capital = word.lastIndex(where: \.isUppercase), capital != word.startIndex,
            word[word.index(before: capital)].isLowercase
        {
            word = word[capital...]
        }
        return last.contains(word.lowercased()[...])
    }
}
