// SPDX-License-Identifier: Apache-2.0

/// Prints values as compact JSON; keys in order, so that texts can be compared, hashed and diffed.
struct JSONWriter {
    private(set) var text = ""

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        // Swift prints the shortest digits that read back as the same double, in a form JSON shares.
        case .double(let value): text += value.isFinite ? value.description : "null"
        case .string(let value): write(string: value)
        case .array(let elements): write(array: elements)
        case .object(let members): write(object: members)
        }
    }

    private mutating func write(array elements: [JSONValue]) {
        text += "["
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            write(element)
        }
        text += "]"
    }

    private mutating func write(object members: [String: JSONValue]) {
        text += "{"
        for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { text += "," }
            write(string: member.key)
            text += ":"
            write(member.value)
        }
        text += "}"
    }

    private mutating func write(string: String) {
        text += "\""
        // Most texts need no escape, and are copied whole.
        if string.utf8.allSatisfy(Self.isPlain) { text += string } else { write(escaping: string) }
        text += "\""
    }

    /// RFC 8259 7: only the quote, the backslash and the controls below U+0020 must be escaped.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private mutating func write(escaping string: String) {
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{00}"..<"\u{20}": write(control: scalar)
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    private mutating func write(control scalar: Unicode.Scalar) {
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
