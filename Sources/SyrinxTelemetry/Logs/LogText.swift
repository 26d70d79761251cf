// SPDX-License-Identifier: Apache-2.0

/// Makes foreign text fit for a log: bounded, and of one line that no terminal obeys.
enum LogText {
    static let maximumBytes = 8 << 10
    /// More is not even searched for secrets.
    private static let maximumSearched = 64 << 10

    /// - Parameter escapesControls: off where what follows escapes C0 itself, as JSON does.
    static func clean(_ text: String, _ redactor: Redactor, escapesControls: Bool) -> String {
        let isLong = text.utf8.count > maximumSearched
        let searched = isLong ? String(decoding: text.utf8.prefix(maximumSearched), as: UTF8.self) : text
        // Cut after the search: half a secret is not found.
        let safe = shortened(redactor.redacted(searched))
        guard safe.unicodeScalars.contains(where: { isUnsafe($0, escapesControls) }) else { return safe }
        var result = ""
        for scalar in safe.unicodeScalars {
            if isUnsafe(scalar, escapesControls) {
                result += escape(scalar)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > maximumBytes else { return text }
        return String(decoding: text.utf8.prefix(maximumBytes), as: UTF8.self) + "…"
    }

    /// Controls (C0, DEL, C1), line and paragraph separators, and what turns the direction of writing.
    private static func isUnsafe(_ scalar: Unicode.Scalar, _ escapesControls: Bool) -> Bool {
        switch scalar.value {
        case 0..<0x20: escapesControls
        case 0x7F...0x9F, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{" + String(scalar.value, radix: 16) + "}"
        }
    }
}
