// SPDX-License-Identifier: Apache-2.0

/// Who changed a conversation's language.
package enum LanguageSource: String, Sendable, Codable, CaseIterable {
    /// The client, the application or an operator.
    case requested
    /// The agent, by its tool.
    case agent
    /// The recogniser heard another language.
    case detected
}

/// Decides from what a recogniser says of each utterance's language whether the caller has gone over to another one. A
/// name or a loan word is no change: two utterances in a row are, or one of several words.
package struct LanguageSense: Sendable, Equatable {
    /// Utterances in a row, and words of a single one, that are enough.
    private static let utterances = 2
    private static let words = 6

    /// BCP 47 tags that the conversation may change to.
    private let allowed: [String]
    private var candidate: String?
    private var count = 0

    package init(allowed: [String]) { self.allowed = allowed }

    /// An utterance was heard.
    /// - Parameters:
    ///   - tag: the language that it was in, as the recogniser says.
    ///   - words: of the utterance.
    ///   - current: the conversation's language.
    /// - Returns: the language to change to; nil = it stays.
    package mutating func heard(_ tag: String, words: Int, current: String) -> String? {
        guard words > 0, let language = allowedTag(tag) else { return nil }
        guard !Self.isSame(language, current) else {
            reset()
            return nil
        }
        if candidate != language { count = 0 }
        candidate = language
        count += 1
        guard count >= Self.utterances || words >= Self.words else { return nil }
        reset()
        return language
    }

    package mutating func reset() {
        candidate = nil
        count = 0
    }

    /// The tag itself where it is allowed, else the first that is of the same language.
    private func allowedTag(_ tag: String) -> String? {
        allowed.first { $0.lowercased() == tag.lowercased() } ?? allowed.first { Self.isSame($0, tag) }
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        Lexicon.primary(left) == Lexicon.primary(right)
    }
}
