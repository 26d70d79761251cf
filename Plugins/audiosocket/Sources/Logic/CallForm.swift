// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What whoever announces a call says of it: fields of a form, and of the query. Nothing in it is trusted.
struct CallForm: Sendable {
    private static let most = 32
    private static let longest = 256

    private(set) var token: String?
    private(set) var facts = PeerFacts()

    init(_ request: DoorRequest) {
        var fields = request.query
        if request.contentType == "application/x-www-form-urlencoded" || request.contentType.isEmpty {
            for pair in request.body.split(separator: UInt8(ascii: "&"), maxSplits: Self.most).prefix(Self.most) {
                let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                fields[Self.decoded(parts[0])] = parts.count > 1 ? Self.decoded(parts[1]) : ""
            }
        }
        token = request.bearer ?? fields["token"]
        fields["token"] = nil
        for name in ["from", "to", "call", "user", "language"] {
            guard let value = fields.removeValue(forKey: name) else { continue }
            let text = String(value.prefix(Self.longest))
            switch name {
            case "from": facts.from = text
            case "to": facts.to = text
            case "call": facts.call = text
            case "user": facts.user = text
            default: facts.language = text
            }
        }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }).prefix(Self.most) where !name.isEmpty {
            facts.metadata[String(name.prefix(64))] = String(value.prefix(Self.longest))
        }
    }

    /// Broken escapes stand for themselves, broken UTF-8 is repaired.
    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            if byte == UInt8(ascii: "%"), digits.count == 2 {
                result.append(UInt8(digits[0] << 4 | digits[1]))
                rest = rest.dropFirst(2)
            } else {
                result.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
