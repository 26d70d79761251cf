// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The query of a WebSocket's handshake.
enum HandshakeQuery {
    /// - Throws: `request.query_invalid`.
    static func parse(_ uri: String) throws(SyrinxError) -> [(String, String)] {
        guard let mark = uri.firstIndex(of: "?") else { return [] }
        let pairs = uri[uri.index(after: mark)...].split(separator: "&")
        guard pairs.count <= 32 else { throw invalid("*", "is one of more than 32") }
        var query: [(String, String)] = []
        for pair in pairs {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(halves[0]), let value = decoded(halves.count == 2 ? halves[1] : "") else {
                throw invalid(String(halves[0]), "is not percent-encoded UTF-8")
            }
            guard !query.contains(where: { $0.0 == name }) else { throw invalid(name, "is there twice") }
            query.append((name, value))
        }
        return query
    }

    /// RFC 3986 2.1; `+` stays a plus.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }

    static func invalid(_ place: String, _ message: String) -> SyrinxError {
        SyrinxError(
            "request.query_invalid", "the query parameter `\(place)` \(message)",
            fix: "`/v1/talk?profile=default&rate=16000`", place: "query.\(place)")
    }
}
