// SPDX-License-Identifier: Apache-2.0

/// What looks like a secret, whoever's it is.
struct SecretPatterns: Sendable {
    var phoneNumbers: Bool

    private static let keyPrefixes = ["syx_", "syt_", "syr_", "whsec_"].map { Array($0.utf8) }
    private static let webTokenStart = Array("eyJ".utf8)
    private static let schemes = ["bearer", "basic"].map { Array($0.utf8) }
    private static let headers = ["authorization", "cookie", "x-api-key"].map { Array($0.utf8) }
    private static let names = ["token", "secret", "password", "passwd", "api_key", "apikey"].map { Array($0.utf8) }

    /// By byte: whether one of all that is looked for begins so; most bytes of a text end the search there.
    private static let beginnings: [Bool] = {
        let words = keyPrefixes + [webTokenStart] + schemes + headers + names
        let first = Set(words.compactMap(\.first) + Array(":+".utf8))
        return (0...UInt8.max).map { first.contains(ASCII.lowercased($0)) }
    }()

    /// Where the secrets themselves are, in order, without the words before them; none overlap.
    func ranges(in bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var place = 0
        let beginnings = Self.beginnings
        while place < bytes.count {
            guard beginnings[Int(bytes[place])] else {
                place += 1
                continue
            }
            if let range = secret(at: TextCursor(bytes, place)), range.upperBound > place, !range.isEmpty {
                ranges.append(range)
                place = range.upperBound
            } else {
                place += 1
            }
        }
        return ranges
    }

    private func secret(at cursor: TextCursor) -> Range<Int>? {
        switch cursor.byte.map(ASCII.lowercased) {
        case UInt8(ascii: ":"): return Self.userInfo(cursor)
        case UInt8(ascii: "+"): return phoneNumbers ? Self.phoneNumber(cursor) : nil
        default: break
        }
        if !cursor.followsAlphanumeric {
            // Within a word of ours, `access_token`, only names are looked for.
            let begins = !cursor.followsUnderscore
            return begins
                ? Self.key(cursor) ?? Self.webToken(cursor) ?? Self.credentials(cursor) ?? Self.header(cursor)
                    ?? Self.assignment(cursor)
                : Self.assignment(cursor)
        }
        return nil
    }

    /// Our own keys, which are long and have capitals; C names that begin alike are neither.
    private static func key(_ cursor: TextCursor) -> Range<Int>? {
        guard let prefix = keyPrefixes.first(where: { cursor.has($0) }) else { return nil }
        var end = cursor.moved(by: prefix.count)
        let body = end.take(while: ASCII.isToken)
        guard body.count >= 40 || (body.count >= 16 && cursor.bytes[body].contains(where: ASCII.isUpper)) else {
            return nil
        }
        return cursor.place..<body.upperBound
    }

    /// A JWT: three parts, the first of which is an object in base64.
    private static func webToken(_ cursor: TextCursor) -> Range<Int>? {
        guard cursor.has(webTokenStart, exactly: true) else { return nil }
        var end = cursor
        let body = end.take { ASCII.isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
        return cursor.bytes[body].count { $0 == UInt8(ascii: ".") } >= 2 ? body : nil
    }

    /// `Bearer abc…`; not "a bearer token".
    private static func credentials(_ cursor: TextCursor) -> Range<Int>? {
        guard let scheme = schemes.first(where: { cursor.has($0) }) else { return nil }
        var rest = cursor.moved(by: scheme.count)
        guard !rest.take(while: ASCII.isBlank).isEmpty else { return nil }
        let token = rest.take(while: ASCII.isToken)
        let isWord = token.count < 8 && cursor.bytes[token].allSatisfy(ASCII.isLetter)
        return token.isEmpty || isWord ? nil : token
    }

    /// `Authorization: …` up to the end of the line or of the quotes.
    private static func header(_ cursor: TextCursor) -> Range<Int>? {
        guard let name = headers.first(where: { cursor.has($0) }) else { return nil }
        var rest = cursor.moved(by: name.count)
        _ = rest.take { ASCII.isBlank($0) || isQuote($0) }
        guard let sign = rest.byte, sign == UInt8(ascii: ":") || sign == UInt8(ascii: "=") else { return nil }
        rest = rest.moved(by: 1)
        _ = rest.take { ASCII.isBlank($0) || isQuote($0) }
        return rest.take { $0 >= 0x20 && !isQuote($0) }
    }

    /// `token=…`, `"password":"…"`.
    private static func assignment(_ cursor: TextCursor) -> Range<Int>? {
        guard let name = names.first(where: { cursor.has($0) }) else { return nil }
        var rest = cursor.moved(by: name.count)
        let quotes = rest.take(while: isQuote)
        guard let sign = rest.byte, sign == UInt8(ascii: "=") || (sign == UInt8(ascii: ":") && !quotes.isEmpty)
        else { return nil }
        rest = rest.moved(by: 1)
        _ = rest.take(while: ASCII.isBlank)
        let isQuoted = !rest.take(while: isQuote).isEmpty
        return rest.take { byte in
            isQuoted ? !isQuote(byte) : byte > 0x20 && !isQuote(byte) && !"&,;)]}".utf8.contains(byte)
        }
    }

    /// `://user:password@`
    private static func userInfo(_ cursor: TextCursor) -> Range<Int>? {
        guard cursor.has(Array("://".utf8)) else { return nil }
        var rest = cursor.moved(by: 3)
        let user = rest.take { $0 > 0x20 && !isQuote($0) && !"/?#@<>".utf8.contains($0) }
        return rest.byte == UInt8(ascii: "@") ? user : nil
    }

    /// E.164, 7 to 15 digits, perhaps with signs between them.
    private static func phoneNumber(_ cursor: TextCursor) -> Range<Int>? {
        var rest = cursor.moved(by: 1)
        guard let first = rest.byte, ASCII.isDigit(first) else { return nil }
        let body = rest.take { ASCII.isDigit($0) || " -().".utf8.contains($0) }
        let digits = cursor.bytes[body].indices.filter { ASCII.isDigit(cursor.bytes[$0]) }
        guard (7...15).contains(digits.count), let last = digits.last else { return nil }
        return cursor.place..<last + 1
    }

    private static func isQuote(_ byte: UInt8) -> Bool { byte == 0x22 || byte == 0x27 || byte == 0x5C }
}
