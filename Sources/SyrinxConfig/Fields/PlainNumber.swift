// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// Decimal numbers and nothing else: no octal, no hexadecimal, no sexagesimal, no underscores, no exponents.
enum PlainNumber {
    static func integer(_ text: String) -> Int64? { isDecimal(text, mayHavePoint: false) ? Int64(text) : nil }

    static func number(_ text: String) -> Double? { isDecimal(text, mayHavePoint: true) ? Double(text) : nil }

    private static func isDecimal(_ text: String, mayHavePoint: Bool) -> Bool {
        guard text.utf8.count <= 32 else { return false }
        let unsigned = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = unsigned.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 1 || mayHavePoint, let whole = parts.first else { return false }
        guard whole == "0" || !whole.hasPrefix("0") else { return false }
        return parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
    }
}

extension ConfigScalar {
    /// The value for a provider's JSON: quoted texts are strings, of the others only `true`, `false`, `null` and decimal
    /// numbers are anything else.
    var jsonValue: JSONValue {
        guard isPlain else { return .string(text) }
        switch text {
        case "true": return true
        case "false": return false
        case "null", "~", "": return .null
        default:
            if let integer = PlainNumber.integer(text) { return .int(integer) }
            if let number = PlainNumber.number(text) { return .double(number) }
            return .string(text)
        }
    }
}
