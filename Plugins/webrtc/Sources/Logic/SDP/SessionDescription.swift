// SPDX-License-Identifier: Apache-2.0

/// A session description (RFC 8866), read without judging what it means.
struct SessionDescription: Sendable {
    struct Media: Sendable {
        var kind = ""
        var port = 0
        var transport = ""
        var formats: [String] = []
        var attributes: [Attribute] = []
    }

    /// `a=name:value`, or `a=name` with an empty value.
    struct Attribute: Sendable, Equatable {
        var name: String
        var value: String
    }

    static let maximumLines = 2_000
    static let maximumMedia = 32

    private(set) var attributes: [Attribute] = []
    private(set) var media: [Media] = []

    /// Says in one sentence what is wrong.
    struct Flaw: Error, Equatable {
        let reason: String
    }

    init(parsing text: String) throws(Flaw) {
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.first?.hasPrefix("v=0") == true else { throw Flaw(reason: "it does not begin with v=0") }
        guard lines.count <= Self.maximumLines else { throw Flaw(reason: "it has too many lines") }
        for line in lines {
            guard let kind = line.first, line.dropFirst().first == "=" else {
                throw Flaw(reason: "a line has no type")
            }
            let value = line.dropFirst(2)
            switch kind {
            case "m": try append(media: value)
            case "a": append(attribute: value)
            default: break
            }
        }
    }

    private mutating func append(media value: Substring) throws(Flaw) {
        let words = value.split(separator: " ")
        // "<port>/<number of ports>" is not used by WebRTC.
        guard words.count >= 4, let port = UInt16(words[1]) else { throw Flaw(reason: "an m= line is malformed") }
        guard media.count < Self.maximumMedia else { throw Flaw(reason: "it has too many m= lines") }
        media.append(
            Media(
                kind: String(words[0]),
                port: Int(port),
                transport: String(words[2]),
                formats: words.dropFirst(3).map(String.init)
            )
        )
    }

    private mutating func append(attribute text: Substring) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let attribute = Attribute(name: String(parts.first ?? ""), value: parts.count > 1 ? String(parts[1]) : "")
        if media.isEmpty {
            attributes.append(attribute)
        } else {
            media[media.count - 1].attributes.append(attribute)
        }
    }
}

extension [SessionDescription.Attribute] {
    /// The first value of this name.
    subscript(name: String) -> String? { first { $0.name == name }?.value }

    func all(_ name: String) -> [String] { filter { $0.name == name }.map(\.value) }
    func contains(_ name: String) -> Bool { contains { $0.name == name } }
}
