// SPDX-License-Identifier: Apache-2.0

/// A URL that grows by query parameters, percent-encoded (RFC 3986, 2.1).
public struct QueryURL: Sendable {
    private var hasQuery = false

    /// The URL with all that was added.
    public private(set) var text: String

    /// Makes a URL without a query.
    ///
    /// - Parameters:
    ///   - origin: Scheme and host, and whatever comes before the path; slashes at its end do not count.
    ///   - path: Begins with a slash; taken as it is, so encode what comes from elsewhere.
    public init(_ origin: String, path: String) {
        text = origin
        while text.hasSuffix("/") { text.removeLast() }
        text += path
    }

    /// Adds a parameter; nil adds nothing.
    public mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        text += (hasQuery ? "&" : "?") + name + "=" + Self.encode(value)
        hasQuery = true
    }

    /// Adds `true` or `false`; nil adds nothing.
    public mutating func add(_ name: String, _ value: Bool?) {
        add(name, value.map { $0 ? "true" : "false" })
    }

    /// A configured URL; one that names but an origin gets the path that the vendor's API has.
    public static func endpoint(_ url: String, path: String) -> String {
        let parts = url.split(separator: "://", maxSplits: 1)
        guard parts.count == 2, !parts[1].dropLast().contains("/"), !url.contains("?") else { return url }
        return (url.hasSuffix("/") ? String(url.dropLast()) : url) + path
    }

    /// The text with all but the unreserved characters percent-encoded (RFC 3986, 2.3).
    public static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
