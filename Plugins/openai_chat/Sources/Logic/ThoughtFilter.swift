// SPDX-License-Identifier: Apache-2.0

/// Keeps back what a reasoning model thinks before it answers: some servers send it as text between `<think>` and
/// `</think>` at the beginning, and nobody wants to hear that.
struct ThoughtFilter: Sendable {
    private enum Place {
        /// Nothing but what may become the opening tag has come.
        case start
        case inside
        /// Behind the closing tag, before the first word.
        case behind
        case answer
    }

    private static let opening = "<think>"
    private static let closing = "</think>"
    /// White space that is waited through for an opening.
    private static let longestSpace = 256

    private var place = Place.start
    private var held = ""

    /// - Returns: The part of the answer in this piece.
    mutating func pass(_ text: String) -> String {
        guard place != .answer else { return text }
        held += text
        if place == .start {
            let words = held.drop(while: \.isWhitespace)
            if Self.opening.hasPrefix(words), held.utf8.count <= Self.longestSpace { return "" }
            place = words.hasPrefix(Self.opening) ? .inside : .answer
            if place == .answer { return release() }
        }
        if place == .inside {
            guard let end = held.firstRange(of: Self.closing) else {
                // Of scalars: a character may be of any length.
                held = String(held.unicodeScalars.suffix(Self.closing.count - 1))
                return ""
            }
            held = String(held[end.upperBound...])
            place = .behind
        }
        let words = held.drop(while: \.isWhitespace)
        guard !words.isEmpty else {
            held = ""
            return ""
        }
        held = String(words)
        place = .answer
        return release()
    }

    /// The answer is over.
    ///
    /// - Returns: What was held back, but is no thought.
    mutating func finish() -> String {
        defer { place = .answer }
        return place == .start ? release() : ""
    }

    private mutating func release() -> String {
        defer { held = "" }
        return held
    }
}
