// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What the webhook's answer lets the stream in with, where the vendor does not sign the stream itself: when it runs out and
/// who calls, and an HMAC over these.
struct Ticket: Sendable, Equatable {
    static let field = "ticket"
    /// From the webhook's answer to the stream's handshake, in seconds.
    static let lifetime: Int64 = 60
    private static let longestName = 256

    let expires: Int64
    let call: String
    let from: String
    let to: String
    private var code: [UInt8] = []

    init(expires: Int64, call: String, from: String, to: String) {
        self.expires = expires
        self.call = String(call.prefix(Self.longestName))
        self.from = String(from.prefix(Self.longestName))
        self.to = String(to.prefix(Self.longestName))
    }

    /// - Returns: nil for a query without a whole ticket.
    init?(_ query: [String: String]) {
        guard let expires = query["expires"].flatMap({ Int64($0) }), let text = query[Self.field],
            let code = Hex.decode(text)
        else { return nil }
        self.init(expires: expires, call: query["call"] ?? "", from: query["from"] ?? "", to: query["to"] ?? "")
        self.code = code
    }

    func isValid(at now: Int64) -> Bool {
        expires > now && expires.subtractingReportingOverflow(now).partialValue <= Self.lifetime * 2
    }

    /// The key is no key of anything else.
    func question(_ secret: String) -> Challenge.Question {
        let text = JSONValue.array([.int(expires), .string(call), .string(from), .string(to)]).text
        return Challenge.Question(key: "syrinx-ticket:" + secret, bytes: Array(text.utf8), algorithm: .sha256)
    }

    func challenge(_ secret: String) -> Challenge? {
        code.isEmpty ? nil : Challenge([question(secret)], .matches([code]))
    }

    /// The stream's query, signed.
    func query(_ digest: [UInt8]) -> String {
        let fields = [("call", call), ("from", from), ("to", to)].filter { !$0.1.isEmpty }
        return "?expires=\(expires)" + fields.map { "&\($0.0)=" + QueryURL.encode($0.1) }.joined()
            + "&\(Self.field)=" + Hex.encode(digest)
    }
}

/// Hexadecimal digits, which survive every URL and every XML.
enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        let letters = Array(text.utf8)
        guard letters.count % 2 == 0, letters.count <= 128 else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: letters.count, by: 2) {
            guard let high = digits.firstIndex(of: letters[start]), let low = digits.firstIndex(of: letters[start + 1])
            else {
                return nil
            }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
