// SPDX-License-Identifier: Apache-2.0

/// Where a session's media comes from, `wss://calls.example.com/voice`. Parsed by hand and in one pass: any text, however
/// short or strange, gives a URL or an error.
public struct ConnectionURL: Sendable, Hashable, CustomStringConvertible {
    /// `ws`, `wss`, `http`, `https`, `sip` or `sips`, in lower case.
    public let scheme: String
    /// A name or an address; an IPv6 address without its brackets.
    public let host: String
    /// Nil = the scheme's own.
    public let port: Int?
    /// The whole text.
    public let description: String

    private static let schemes = ["ws", "wss", "http", "https", "sip", "sips"]
    private static let longest = 2048

    /// Parses a URL.
    /// - Throws: ``VoiceBackendError`` `invalid_format` with what is wrong.
    public init(_ text: String) throws(VoiceBackendError) {
        guard text.utf8.count <= Self.longest else { throw Self.problem("it is longer than \(Self.longest) bytes") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Self.problem("it has blanks, control or non-ASCII characters")
        }
        guard let colon = text.firstIndex(of: ":") else { throw Self.problem("it has no scheme") }
        scheme = text[..<colon].lowercased()
        guard Self.schemes.contains(scheme) else {
            throw Self.problem("its scheme is none of \(Self.schemes.joined(separator: ", "))")
        }
        var rest = text[text.index(after: colon)...]
        if !scheme.hasPrefix("sip") {
            guard rest.hasPrefix("//") else { throw Self.problem("`//` is missing after `\(scheme):`") }
            rest = rest.dropFirst(2)
        }
        let authority = rest.prefix { !"/?#;".contains($0) }
        let place = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        (host, port) = try Self.split(place)
        description = text
    }

    private static func split(_ place: Substring) throws(VoiceBackendError) -> (String, Int?) {
        var host = place
        var tail: Substring = ""
        if place.first == "[" {
            guard let end = place.firstIndex(of: "]") else { throw problem("`]` is missing") }
            host = place[place.index(after: place.startIndex)..<end]
            tail = place[place.index(after: end)...]
        } else if let colon = place.firstIndex(of: ":") {
            host = place[..<colon]
            tail = place[colon...]
        }
        guard !host.isEmpty else { throw problem("it has no host") }
        guard !tail.isEmpty else { return (String(host), nil) }
        guard tail.first == ":", let port = Int(tail.dropFirst()), (1...65_535).contains(port),
            tail.dropFirst().first != "+"
        else { throw problem("its port is not in 1...65535") }
        return (String(host), port)
    }

    private static func problem(_ text: String) -> VoiceBackendError {
        VoiceBackendError("ConnectionURL", .invalidFormat, "this is no connection URL: \(text)")
    }
}
