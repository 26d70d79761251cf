// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// A part of a `multipart/form-data` body (RFC 7578).
package struct FormPart: Hashable, Sendable {
    package var name: String
    package var filename: String?
    package var type: String?
    package var bytes: [UInt8]

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// At most 64 parts; what does not keep the form is passed over.
    static func parts(of body: [UInt8], type: String) -> [FormPart] {
        guard type.lowercased().hasPrefix("multipart/form-data"), let boundary = parameter("boundary", of: type) else {
            return []
        }
        let data = Data(body)
        let delimiter = Data("--\(boundary)".utf8)
        var parts: [FormPart] = []
        var start = data.range(of: delimiter)?.upperBound
        while let from = start, parts.count < 64, let end = data.range(of: delimiter, in: from..<data.endIndex) {
            if let part = part(data[from..<end.lowerBound]) { parts.append(part) }
            start = end.upperBound
        }
        return parts
    }

    /// Between two delimiters: a line end, headers, an empty line, the content, a line end.
    private static func part(_ data: Data) -> FormPart? {
        guard let gap = data.range(of: Data("\r\n\r\n".utf8)), data.count >= 6 else { return nil }
        let head = String(decoding: data[data.startIndex..<gap.lowerBound], as: UTF8.self)
        let content = data[gap.upperBound..<max(gap.upperBound, data.endIndex - 2)]
        var part = FormPart(name: "", bytes: Array(content))
        for line in head.split(separator: "\r\n") {
            let pair = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard pair.count == 2 else { continue }
            switch pair[0].lowercased() {
            case "content-disposition":
                part.name = parameter("name", of: pair[1]) ?? ""
                part.filename = parameter("filename", of: pair[1])
            case "content-type": part.type = pair[1]
            default: break
            }
        }
        return part.name.isEmpty ? nil : part
    }

    private static func parameter(_ name: String, of header: String) -> String? {
        for piece in header.split(separator: ";").dropFirst() {
            let pair = piece.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if pair.count == 2, pair[0].lowercased() == name {
                return pair[1].trimmingCharacters(in: CharacterSet(charactersIn: "\""))
            }
        }
        return nil
    }
}
