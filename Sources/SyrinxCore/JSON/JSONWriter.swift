// SPDX-License-Identifier: Apache-2.0

/// Prints values as compact JSON; keys in order, so that texts can be compared, hashed and diffed.
///
/// Texts of which there are thousands a second are written as they are made, without a tree of values:
///
///     var json = JSONWriter()
///     json.object {
///         $0.member("id", "7")
///         $0.array("tags", tags) { json, tag in json.object { $0.member("name", tag) } }
///     }
///
/// Keys stay in the order in which they are written then, and who writes sees to it that none comes twice.
package struct JSONWriter {
    package private(set) var text = ""

    package init() {}

    /// - Parameter key: where it is a member of an object.
    package mutating func object(_ key: String? = nil, _ members: (inout JSONWriter) -> Void) {
        begin(key)
        text += "{"
        members(&self)
        text += "}"
    }

    package mutating func array<Element>(
        _ key: String? = nil, _ elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void
    ) {
        begin(key)
        text += "["
        for element in elements { write(&self, element) }
        text += "]"
    }

    package mutating func member(_ key: String, _ value: String) {
        begin(key)
        write(string: value)
    }

    package mutating func member(_ key: String, _ value: Int) {
        begin(key)
        text += String(value)
    }

    package mutating func member(_ key: String, _ value: Double) {
        begin(key)
        write(.double(value))
    }

    package mutating func member(_ key: String, _ value: Bool) {
        begin(key)
        write(.bool(value))
    }

    private mutating func begin(_ key: String?) {
        if let last = text.utf8.last, !"{[:".utf8.contains(last) { text += "," }
        guard let key else { return }
        write(string: key)
        text += ":"
    }

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
