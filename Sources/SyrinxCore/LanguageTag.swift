// SPDX-License-Identifier: Apache-2.0

/// Tags of languages, `de` or `de-AT` (BCP 47).
package enum LanguageTag {
    /// By its form, at most 35 bytes.
    package static func isValid(_ text: String) -> Bool {
        guard text.utf8.count <= 35 else { return false }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let isTag = parts.allSatisfy { part in
            (1...8).contains(part.utf8.count) && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
        return isTag && (2...3).contains(parts.first?.utf8.count ?? 0)
    }
}
