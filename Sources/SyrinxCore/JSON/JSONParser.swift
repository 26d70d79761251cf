// SPDX-License-Identifier: Apache-2.0

/// A recursive descent parser over bytes.
///
/// The bytes come from callers and plugins: every read is bounds-checked by ``peek``, the recursion is limited by
/// `maximumDepth`, and the work is linear in the input.
struct JSONParser {
    let bytes: [UInt8]
    let maximumDepth: Int
    let maximumValues: Int
    var position = 0
    private var depth = 0
    private var values = 0

    init(bytes: [UInt8], maximumDepth: Int, maximumValues: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        self.maximumValues = maximumValues
    }

    /// One value with nothing but white space around it.
    mutating func parseDocument() throws(SyrinxError) -> JSONValue {
        skipSpace()
        let value = try parseValue()
        skipSpace()
        guard position == bytes.count else { throw failure("unexpected \(found()) after the value") }
        return value
    }

    private mutating func parseValue() throws(SyrinxError) -> JSONValue {
        values += 1
        guard values <= maximumValues else { throw failure("more than \(maximumValues) values") }
        return switch peek() {
        case UInt8(ascii: "{"): try parseObject()
        case UInt8(ascii: "["): try parseArray()
        case UInt8(ascii: "\""): .string(try parseString())
        case UInt8(ascii: "t"): try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): try parseWord("null", .null)
        case .some(let byte) where byte == UInt8(ascii: "-") || Self.digits.contains(byte): try parseNumber()
        default: throw failure("expected a value, found \(found())")
        }
    }

    private mutating func parseObject() throws(SyrinxError) -> JSONValue {
        try enter()
        var members: [String: JSONValue] = [:]
        if take(UInt8(ascii: "}")) { return leave(.object(members)) }
        while true {
            let start = position
            guard peek() == UInt8(ascii: "\"") else { throw failure("expected a key in quotes, found \(found())") }
            let key = try parseString()
            guard take(UInt8(ascii: ":")) else { throw failure("expected `:` after the key, found \(found())") }
            let value = try parseValue()
            guard members.updateValue(value, forKey: key) == nil else {
                throw failure("duplicate key `\(key.prefix(64))`", at: start)
            }
            if take(UInt8(ascii: "}")) { return leave(.object(members)) }
            guard take(UInt8(ascii: ",")) else { throw failure("expected `,` or `}`, found \(found())") }
        }
    }

    private mutating func parseArray() throws(SyrinxError) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return leave(.array(elements)) }
        while true {
            elements.append(try parseValue())
            if take(UInt8(ascii: "]")) { return leave(.array(elements)) }
            guard take(UInt8(ascii: ",")) else { throw failure("expected `,` or `]`, found \(found())") }
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(SyrinxError) -> JSONValue {
        let start = position
        for byte in word.description.utf8 {
            guard peek() == byte else { throw failure("expected `\(word)`", at: start) }
            position += 1
        }
        return value
    }

    private mutating func enter() throws(SyrinxError) {
        depth += 1
        guard depth <= maximumDepth else { throw failure("nested deeper than \(maximumDepth) levels") }
        position += 1
        skipSpace()
    }

    private mutating func leave(_ value: JSONValue) -> JSONValue {
        depth -= 1
        return value
    }
}

// MARK: - Bytes

extension JSONParser {
    static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    /// The byte at the position, or nil at the end.
    func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Takes a structural byte with the white space around it, if it comes next.
    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek() == byte else { return false }
        position += 1
        skipSpace()
        return true
    }

    /// What stands at the position, for a message; never more than one character of it.
    func found() -> String {
        switch peek() {
        case nil: "the end of the text"
        case .some(let byte) where (0x21..<0x7F).contains(byte): "`\(Character(Unicode.Scalar(byte)))`"
        case .some(let byte): "byte 0x\(String(byte, radix: 16, uppercase: true))"
        }
    }

    func failure(_ message: String, at offset: Int? = nil) -> SyrinxError {
        let place = place(of: offset ?? position)
        return SyrinxError("json.invalid", message, place: "\(place.line):\(place.column)")
    }

    /// Lines and columns count from one, columns in Unicode scalars.
    ///
    /// Counted only when something is wrong.
    private func place(of offset: Int) -> (line: Int, column: Int) {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        return (line, column)
    }
}
