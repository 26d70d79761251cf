// SPDX-License-Identifier: Apache-2.0

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

    func allows(_ text: String) -> Bool {
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
        }
    }

    /// For the published schema.
    var pattern: String {
        switch self {
        case .name: "^[a-z][a-z0-9_-]{0,63}$"
        case .variable: "^[A-Z][A-Z0-9_]{0,63}$"
        case .header: "^[A-Za-z0-9-]{1,64}$"
        case .keyID: "^[A-Za-z0-9._~-]{1,128}$"
        }
    }

    private var longest: Int { if case .keyID = self { 128 } else { 64 } }

    private var firsts: Set<UInt8> {
        switch self {
        case .name: Self.lower
        case .variable: Self.upper
        case .header, .keyID: others
        }
    }

    private var others: Set<UInt8> {
        switch self {
        case .name: Self.lower.union(Self.digits).union("-_".utf8)
        case .variable: Self.upper.union(Self.digits).union("_".utf8)
        case .header: Self.lower.union(Self.upper).union(Self.digits).union("-".utf8)
        case .keyID: Self.lower.union(Self.upper).union(Self.digits).union("-._~".utf8)
        }
    }

    private static let lower = Set("abcdefghijklmnopqrstuvwxyz".utf8)
    private static let upper = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    private static let digits = Set("0123456789".utf8)
}
