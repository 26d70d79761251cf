// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension Malformation {
    /// The keys by which protocols tell messages apart: with these wrong nothing behind them would be tried.
    private static let tags: Set<String> = ["type", "event", "object", "message_type", "method", "role"]

    /// A message that is not as the vendor would send it.
    func applied(to bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .half: Array(bytes.prefix(max(1, bytes.count / 2) | 1))
        case .invalidUTF8: Self.broken(bytes)
        case .wrongTypes: Self.rewritten(bytes, Self.wrong)
        case .hugeNumbers: Self.huge(bytes)
        case .notJSON: Array("<html><body>502 Bad Gateway</body></html>".utf8)
        case .empty: []
        case .deep: Array(String(repeating: "[", count: 5000).utf8) + Array(String(repeating: "]", count: 5000).utf8)
        case .oversized:
            Array("{\"type\":\"".utf8) + Array(repeating: UInt8(ascii: "x"), count: 5 << 20) + Array("\"}".utf8)
        }
    }

    private static func broken(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        bytes.insert(contentsOf: [0xFF, 0xC0], at: bytes.count / 2)
        return bytes
    }

    private static func rewritten(_ bytes: [UInt8], _ change: (String, JSONValue) -> JSONValue) -> [UInt8] {
        guard let value = try? JSONValue(parsing: bytes, maximumBytes: SimulatedRequest.maximumBody) else {
            return bytes
        }
        return Array(change("", value).text.utf8)
    }

    private static func wrong(_ key: String, _ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members): .object(Dictionary(uniqueKeysWithValues: members.map { ($0, wrong($0, $1)) }))
        case .string where tags.contains(key): value
        case .string(let text): .int(Int64(text.utf8.count))
        case .int, .double: .string("many")
        case .bool: .array([])
        case .array(let elements): .object(["0": elements.first ?? nil])
        case .null: false
        }
    }

    /// No number of JSON's grammar is too long, so these go in as text: a mark first, the digits after printing.
    private static func huge(_ bytes: [UInt8]) -> [UInt8] {
        let mark = "\u{1F}huge"
        func enlarge(_ value: JSONValue) -> JSONValue {
            switch value {
            case .object(let members): .object(members.mapValues(enlarge))
            case .array(let elements): .array(elements.map(enlarge))
            case .int, .double: .string(mark)
            default: value
            }
        }
        let text = String(decoding: rewritten(bytes) { _, value in enlarge(value) }, as: UTF8.self)
        let printed = JSONValue.string(mark).text
        let digits = ["-1", "1e308", "123456789012345678901234567890", "9223372036854775808", "-0.0", "4294967296"]
        var result = ""
        for (index, piece) in text.split(separator: printed, omittingEmptySubsequences: false).enumerated() {
            if index > 0 { result += digits[index % digits.count] }
            result += piece
        }
        return Array(result.utf8)
    }
}
