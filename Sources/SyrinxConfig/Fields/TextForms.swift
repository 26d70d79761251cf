// SPDX-License-Identifier: Apache-2.0

/// The forms of texts that other programs read as well.
enum TextForms {
    /// `sha256:` and 64 hexadecimal digits.
    static func isHash(_ text: String) -> Bool {
        let prefix = "sha256:"
        guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + 64 else { return false }
        return text.utf8.dropFirst(prefix.utf8.count).allSatisfy(isHex)
    }

    /// `http` or `https`, a host, no user and no fragment (RFC 3986), in visible ASCII.
    static func isURL(_ text: String) -> Bool {
        guard text.utf8.count <= 2048,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`{|}".utf8.contains($0) }),
            let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) })
        else { return false }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !rest.contains("#"), !authority.contains("@") else { return false }
        guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else {
            return isHost(String(authority)) || isBracketed(authority)
        }
        guard let port = PlainNumber.integer(String(authority[authority.index(after: colon)...])),
            (1...65_535).contains(port)
        else { return false }
        return isHost(String(authority[..<colon])) || isBracketed(authority[..<colon])
    }

    /// RFC 1123 2.1, without the dot at the end; addresses of IPv4 look the same.
    static func isHost(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        }
    }

    /// E.164: up to 15 digits behind a `+`; short numbers within a country may go without.
    static func isPhoneNumber(_ text: String) -> Bool {
        let digits = text.hasPrefix("+") ? text.dropFirst() : text[...]
        return (2...15).contains(digits.utf8.count) && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// RFC 3986 2.3 without dots: `.` and `..` are no names. `v1` begins the paths without a tenant.
    static func isPathPart(_ text: String) -> Bool {
        text != "v1" && (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_~".utf8.contains($0) }
    }

    private static func isBracketed(_ text: Substring) -> Bool {
        text.hasPrefix("[") && text.hasSuffix("]") && text.contains(":")
            && text.dropFirst().dropLast().utf8.allSatisfy { isHex($0) || ":.".utf8.contains($0) }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
