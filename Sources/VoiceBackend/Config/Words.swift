// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Words for error messages.
enum Words {
    /// `; did you mean `x`?`, or nothing.
    static func suggestion(for word: String, among known: [String]) -> String {
        DidYouMean.suggestion(for: word, among: known).map { "; did you mean `\($0)`?" } ?? ""
    }

    /// `installed: a, b`, or that there is nothing.
    static func installed(_ names: [String]) -> String {
        names.isEmpty ? "none is installed" : "installed: \(names.joined(separator: ", "))"
    }
}
