// SPDX-License-Identifier: Apache-2.0

/// The parts of a `multipart/form-data` body (RFC 7578), by name.
package struct MultipartForm {
    package static let type = "multipart/form-data"
    private static let maximumParts = 16

    package private(set) var parts: [String: [UInt8]] = [:]

    /// - Returns: nil for what is none: a boundary that is missing, a part without a name, a name that comes twice.
    package init?(_ body: [UInt8], contentType: String) {
        guard let boundary = Self.boundary(contentType) else { return nil }
        let mark = Array("\r\n--\(boundary)".utf8)
        // The first mark may stand at the very beginning.
        var rest = (Array("\r\n".utf8) + body)[...]
        guard let first = rest.firstRange(of: mark) else { return nil }
        rest = rest[first.upperBound...]
        while !rest.starts(with: Array("--".utf8)) {
            guard let line = rest.firstRange(of: Array("\r\n".utf8)), let next = rest.firstRange(of: mark),
                parts.count < Self.maximumParts, line.lowerBound <= next.lowerBound,
                let (name, content) = Self.part(rest[line.lowerBound..<next.lowerBound]), parts[name] == nil
            else { return nil }
            parts[name] = Array(content)
            rest = rest[next.upperBound...]
        }
    }

    package func text(_ name: String) -> String? { parts[name].flatMap { String(validating: $0, as: UTF8.self) } }

    /// Begins with the line break before the first header.
    private static func part(_ bytes: ArraySlice<UInt8>) -> (String, ArraySlice<UInt8>)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        for line in head.split(separator: "\r\n") {
            let field = line.split(separator: ":", maxSplits: 1)
            guard field.count == 2, field[0].lowercased() == "content-disposition" else { continue }
            return parameter("name", of: String(field[1])).map { ($0, bytes[end.upperBound...]) }
        }
        return nil
    }

    private static func boundary(_ contentType: String) -> String? {
        guard contentType.lowercased().hasPrefix(type), let boundary = parameter("boundary", of: contentType),
            (1...70).contains(boundary.utf8.count)
        else { return nil }
        return boundary
    }

    /// `x; name="value"`, or without quotes.
    private static func parameter(_ name: String, of field: String) -> String? {
        for piece in field.split(separator: ";").dropFirst() {
            let pair = piece.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].filter({ $0 != " " }).lowercased() == name else { continue }
            var value = pair[1].drop { $0 == " " }
            while value.last == " " { value.removeLast() }
            return value.hasPrefix("\"") && value.hasSuffix("\"") && value.count > 1
                ? String(value.dropFirst().dropLast()) : String(value)
        }
        return nil
    }
}
