// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Takes secrets out of text that leaves the process: those that are configured, by their value, and what looks like a
/// key, a token or a password. Thread-safe.
package final class Redactor: Sendable {
    package static let replacement = "[redacted]"

    private let secrets: Mutex<SecretValues>
    private let patterns: SecretPatterns

    /// - Parameters:
    ///   - secrets: values in use; those under 4 bytes are not looked for, for they stand in every text.
    ///   - phoneNumbers: whether numbers such as +49 30 123456 are taken out, too.
    package init(secrets: some Sequence<String> = [], phoneNumbers: Bool = false) {
        self.secrets = Mutex(SecretValues(secrets))
        patterns = SecretPatterns(phoneNumbers: phoneNumbers)
    }

    /// Takes the place of the values so far. At a reload: those of all configurations that sessions still have.
    package func use(_ secrets: some Sequence<String>) {
        let values = SecretValues(secrets)
        self.secrets.withLock { $0 = values }
    }

    package func redacted(_ text: String) -> String {
        let values = secrets.withLock { $0 }
        var bytes = Array(text.utf8)
        let count = bytes.count
        // First by value: what a pattern takes out may end within a secret.
        bytes = Self.replace(values.ranges(in: bytes), in: bytes)
        let found = patterns.ranges(in: bytes)
        guard !found.isEmpty || bytes.count != count || !values.isEmpty else { return text }
        return String(decoding: Self.replace(found, in: bytes), as: UTF8.self)
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
