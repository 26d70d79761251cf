// SPDX-License-Identifier: Apache-2.0

// Strings and numbers, RFC 8259 6 and 7.

extension JSONParser {
    mutating func parseString() throws(PluginError) -> String {
        let start = position
        position += 1
        var decoded: [UInt8] = []
        var runStart = position
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                decoded += bytes[runStart..<position]
                position += 1
                return String(decoding: decoded, as: UTF8.self)
            case UInt8(ascii: "\\"):
                decoded += bytes[runStart..<position]
                decoded += Array(String(Character(try parseEscape())).utf8)
                runStart = position
            case 0..<0x20:
                throw failure("a control character in a string must be escaped, found \(found())")
            default:
                position += 1
            }
        }
        throw failure("the string is not closed", at: start)
    }

    private mutating func parseEscape() throws(PluginError) -> Unicode.Scalar {
        let start = position
        position += 1
        let byte = peek()
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseUnicodeEscape(start: start)
        default: throw failure("unknown escape in a string", at: start)
        }
    }

    /// The position stands behind `\u`.
    ///
    /// A character beyond U+FFFF takes two escapes, a surrogate pair; half of one reads as U+FFFD.
    private mutating func parseUnicodeEscape(start: Int) throws(PluginError) -> Unicode.Scalar {
        let first = try parseHex4(start: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        let second = position
        guard first < 0xDC00, peek() == UInt8(ascii: "\\"), second + 1 < bytes.count,
            bytes[second + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        position += 2
        let low = try parseHex4(start: start)
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00))
        else {
            position = second
            return "\u{FFFD}"
        }
        return scalar
    }

    private mutating func parseHex4(start: Int) throws(PluginError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("`\\u` takes four hexadecimal digits", at: start)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    mutating func parseNumber() throws(PluginError) -> JSONValue {
        let start = position
        if peek() == UInt8(ascii: "-") { position += 1 }
        let leadingZero = peek() == UInt8(ascii: "0")
        let digits = skipDigits()
        guard digits > 0 else { throw failure("expected a digit, found \(found())") }
        guard !leadingZero || digits == 1 else { throw failure("a number must not start with 0", at: start) }
        let isInteger = try !skipFractionAndExponent()
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .int(value) }
        guard let value = Double(text) else { throw failure("the number cannot be read", at: start) }
        let largest = Double.greatestFiniteMagnitude
        return .double(min(max(value, -largest), largest))
    }

    private mutating func skipFractionAndExponent() throws(PluginError) -> Bool {
        var present = false
        if peek() == UInt8(ascii: ".") {
            position += 1
            present = true
            guard skipDigits() > 0 else { throw failure("expected a digit after the point, found \(found())") }
        }
        if let byte = peek(), byte | 0x20 == UInt8(ascii: "e") {
            position += 1
            present = true
            if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() > 0 else { throw failure("expected a digit in the exponent, found \(found())") }
        }
        return present
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek(), Self.digits.contains(byte) { position += 1 }
        return position - start
    }
}
