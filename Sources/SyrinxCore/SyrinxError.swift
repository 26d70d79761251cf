// SPDX-License-Identifier: Apache-2.0

/// An error that a person or a program can act on: a stable dotted code (listed in `docs/ERRORS.md`), one clear
/// sentence, and where there is one the fix.
package struct SyrinxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable dotted word, `session.capacity_exceeded`.
    package var code: String
    /// One sentence, no trailing full stop needed.
    package var message: String
    /// What to do about it.
    package var fix: String?
    /// Where: `file:line:column`, a JSON path, a plugin id.
    package var place: String?
    /// Whether the same call may succeed later.
    package var retryable: Bool
    /// After how long, where that is known; only of a retryable one.
    package var retryAfter: Duration?

    package init(
        _ code: String, _ message: String, fix: String? = nil, place: String? = nil, retryable: Bool = false,
        retryAfter: Duration? = nil
    ) {
        self.code = code
        self.message = message
        self.fix = fix
        self.place = place
        self.retryable = retryable
        self.retryAfter = retryAfter
    }

    package var description: String {
        let head = place.map { "\($0): " } ?? ""
        let tail = fix.map { " (fix: \($0))" } ?? ""
        return "\(head)\(code): \(message)\(tail)"
    }
}
