// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Somebody asks at the door. Nothing in it is trusted.
struct DoorRequest: Sendable {
    let id: UInt64
    let method: String
    /// As the peer wrote it.
    let url: String
    /// What follows the door's own path.
    let path: String
    let query: [String: String]
    /// Names in lower case.
    let headers: [String: String]
    let upgrades: Bool
    /// False when the host knows that the called number leads nowhere.
    let isRouted: Bool
    let body: [UInt8]

    init?(_ event: borrowing Event) {
        guard let json = try? JSONValue(parsing: event.json), let url = json["url"]?.string else { return nil }
        id = event.id
        method = json["method"]?.string ?? "GET"
        self.url = url
        path = json["path"]?.string ?? ""
        query = (json["query"]?.object ?? [:]).compactMapValues(\.string)
        headers = (json["headers"]?.object ?? [:]).compactMapValues(\.string)
        upgrades = json["upgrade"]?.string?.lowercased() == "websocket"
        isRouted = json["routed"]?.bool ?? true
        body = event.bytes
    }

    /// The fields of a POST; none of another method.
    var form: [FormField] { method == "POST" ? FormField.parse(body) : [] }

    /// True when the body is a form, or there is none.
    var isForm: Bool {
        guard method == "POST", !body.isEmpty else { return true }
        return headers["content-type"]?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? true
    }

    /// The query as it was written, with its question mark; empty without.
    var rawQuery: Substring { url.firstIndex(of: "?").map { url[$0...] } ?? "" }

    /// The address without query, as the vendor knows it.
    func address(_ config: TelephonyConfig) -> String {
        if let own = config.publicURL, !own.isEmpty { return own }
        return String(url.prefix { $0 != "?" && $0 != "#" })
    }
}

/// A field of `application/x-www-form-urlencoded`.
struct FormField: Sendable, Hashable {
    private static let most = 256

    let name: String
    let value: String

    /// The fields in their order; more than 256 are not read.
    static func parse(_ bytes: [UInt8]) -> [FormField] {
        bytes.split(separator: UInt8(ascii: "&"), maxSplits: most).prefix(most).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return FormField(name: decode(parts[0]), value: parts.count > 1 ? decode(parts[1]) : "")
        }
    }

    /// Broken escapes stand for themselves, broken UTF-8 is repaired.
    private static func decode(_ bytes: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                result.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), rest.count >= 2, let high = digit(rest[rest.startIndex]),
                let low = digit(rest[rest.startIndex + 1])
            {
                result.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension [FormField] {
    subscript(name: String) -> String? { first { $0.name == name }?.value }

    /// The fields grouped by name in the order of their bytes, as Python, Java and the vendors sort.
    var sorted: [(name: String, values: [String])] {
        Dictionary(grouping: self, by: \.name)
            .map { (name: $0.key, values: $0.value.map(\.value).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}
