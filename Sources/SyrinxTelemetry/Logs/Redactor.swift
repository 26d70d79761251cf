// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Takes secrets out of text that leaves the process: those that are configured, by their value, and what looks like a
/// key, a token or a password. Thread-safe.
package final class Redactor: Sendable {
    package static let replacement = "[redacted]"

    private struct Known {
        /// The newest last.
        var secrets: [String] = []
        var values = SecretValues([])
    }

    private let known = Mutex(Known())
    private let patterns: SecretPatterns

    /// - Parameters:
    ///   - secrets: values in use; see ``add(_:)``. Those under 4 bytes are not looked for, for they stand in every text.
    ///   - phoneNumbers: whether numbers such as +49 30 123456 are taken out, too.
    package init(secrets: some Sequence<String> = [], phoneNumbers: Bool = false) {
        patterns = SecretPatterns(phoneNumbers: phoneNumbers)
        add(secrets)
    }

    /// Looks for these values, too: a configuration that was read need not come into force, and sessions still have what
    /// was in force when they began. At most 10,000 are known: then the oldest are forgotten, never those given here.
    package func add(_ secrets: some Sequence<String>) {
        var names: Set<String> = []
        let new = secrets.filter { names.insert($0).inserted }
        guard !new.isEmpty else { return }
        known.withLock { known in
            let old = known.secrets.filter { !names.contains($0) }
            known.secrets = old.suffix(max(0, SecretValues.maximumCount - new.count)) + new
            known.values = SecretValues(known.secrets)
        }
    }

    package func redacted(_ text: String) -> String {
        let values = known.withLock { $0.values }
        let bytes = Array(text.utf8)
        // First by value: what a pattern takes out may end within a secret.
        let known = values.ranges(in: bytes)
        let rest = Self.replace(known, in: bytes)
        let found = patterns.ranges(in: rest)
        guard !known.isEmpty || !found.isEmpty else { return text }
        return String(decoding: Self.replace(found, in: rest), as: UTF8.self)
    }

    /// - Parameter ranges: in order; those that overlap or touch are one.
    private static func replace(_ ranges: [Range<Int>], in bytes: [UInt8]) -> [UInt8] {
        guard !ranges.isEmpty else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var end = 0
        var isInside = false
        for range in ranges {
            if !isInside || range.lowerBound > end {
                result += bytes[end..<range.lowerBound]
                result += Array(replacement.utf8)
            }
            isInside = true
            end = max(end, range.upperBound)
        }
        return result + bytes[end...]
    }
}
