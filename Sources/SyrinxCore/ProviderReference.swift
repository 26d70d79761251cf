// SPDX-License-Identifier: Apache-2.0

/// How configuration names a provider: `deepgram` (newest), `deepgram@1` (newest of a major), `deepgram@1.4.2`.
package struct ProviderReference: Hashable, Sendable, CustomStringConvertible {
    package var id: String
    /// Leading numbers of the version; empty = any.
    package var version: [Int]

    /// A reference that is known to be well-formed.
    package init(id: String, version: [Int] = []) {
        self.id = id
        self.version = version
    }

    /// - Throws: `config.provider_reference`.
    package init(_ text: String) throws(SyrinxError) {
        let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves.count == 2 ? halves[1].split(separator: ".", omittingEmptySubsequences: false) : []
        let numbers = parts.compactMap(Self.number)
        guard PluginIdentifier.isValid(String(halves[0])), parts.count <= 3, numbers.count == parts.count else {
            throw SyrinxError(
                "config.provider_reference", "`\(text)` does not name a provider",
                fix: "write `id`, `id@MAJOR` or `id@MAJOR.MINOR.PATCH`")
        }
        id = String(halves[0])
        version = numbers
    }

    package var description: String {
        version.isEmpty ? id : "\(id)@\(version.map(String.init).joined(separator: "."))"
    }

    private static func number(_ digits: Substring) -> Int? {
        guard (1...9).contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(digits)
    }
}

/// Ids of plugins and providers appear in configuration, paths, metrics and URLs: they are kept plain.
package enum PluginIdentifier {
    /// Lower-case letters, digits, `-` and `_`, a letter first, at most 64.
    package static func isValid(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy {
            isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
