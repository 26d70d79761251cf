// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// The names that users give to things, by where else they stand.
enum ConfigNames: Sendable {
    /// In URLs, metrics and folders.
    case name
    /// As environment variables are written.
    case variable
    /// Fields of HTTP (RFC 9110 5.1).
    case header
    /// The `kid` of a signed token, which its issuer chooses.
    case keyID
    /// Words of a language.
    case phrase
    /// Language tags (BCP 47), and `default` for all others.
    case language
    /// Telephone numbers (E.164), or short ones.
    case phoneNumber

    func allows(_ text: String) -> Bool {
        if case .phrase = self { return Self.isPhrase(text) }
        if case .language = self { return text == "default" || LanguageTag.isValid(text) }
        if case .phoneNumber = self { return TextForms.isPhoneNumber(text) }
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= longest, bytes.allSatisfy(others.contains) else { return false }
        return firsts.contains(first)
    }

    /// What to write instead.
    var rule: String {
        switch self {
        case .name: "use lower-case letters, digits, `-` and `_`, at most 64, a letter first"
        case .variable: "use upper-case letters, digits and `_`, at most 64, a letter first"
        case .header: "use letters, digits and `-`, at most 64"
        case .keyID: "use letters, digits and `-._~`, at most 128"
        case .phrase: "write a word or a few, at most 100 characters in one line, no space at either end"
        case .language: "write a language tag such as `en` or `de-AT`, or `default`"
        case .phoneNumber: "write a telephone number in quotes, such as `\"+4930123456\"`, 2 to 15 digits"
        }
    }

    /// For the published schema.
    var pattern: String {
        switch self {
        case .name: "^[a-z][a-z0-9_-]{0,63}$"
        case .variable: "^[A-Z][A-Z0-9_]{0,63}$"
        case .header: "^[A-Za-z0-9-]{1,64}$"
        case .keyID: "^[A-Za-z0-9._~-]{1,128}$"
        case .phrase: "^\\S(.{0,98}\\S)?$"
        case .language: "^([A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*|default)$"
        case .phoneNumber: "^[+]?[0-9]{2,15}$"
        }
    }

    private static func isPhrase(_ text: String) -> Bool {
        guard let first = text.first, let last = text.last, text.count <= 100 else { return false }
        return !first.isWhitespace && !last.isWhitespace && !text.contains(where: \.isNewline)
    }

    private var longest: Int { if case .keyID = self { 128 } else { 64 } }

    private var firsts: Set<UInt8> {
        switch self {
        case .name: Self.lower
        case .variable: Self.upper
        case .header, .keyID, .phrase, .language, .phoneNumber: others
        }
    }

    private var others: Set<UInt8> {
        switch self {
        case .name: Self.lower.union(Self.digits).union("-_".utf8)
        case .variable: Self.upper.union(Self.digits).union("_".utf8)
        case .header: Self.lower.union(Self.upper).union(Self.digits).union("-".utf8)
        case .keyID, .phrase, .language, .phoneNumber:
            Self.lower.union(Self.upper).union(Self.digits).union("-._~".utf8)
        }
    }

    private static let lower = Set("abcdefghijklmnopqrstuvwxyz".utf8)
    private static let upper = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    private static let digits = Set("0123456789".utf8)
}
