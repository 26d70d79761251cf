// SPDX-License-Identifier: Apache-2.0

/// What is done to the agent's text before it is spoken.
package struct WordingOptions: Sendable, Equatable, Codable {
    /// In any order.
    package var filters: [TextFilter] = [.markdown, .emoji]
    /// Words as the agent writes them, and what is said in their place. In lower case a word matches any case.
    package var pronunciation: [String: String] = [:]

    package init() {}

    /// The text is spoken as it is.
    package static var none: WordingOptions {
        var options = WordingOptions()
        options.filters = []
        return options
    }
}

package enum TextFilter: String, Sendable, Codable, CaseIterable {
    /// Marks of Markdown are left out.
    case markdown
    /// Emoji and pictures of that kind are left out.
    case emoji
    /// Of a URL the name of its site is said.
    case urls
}

extension KeyedDecodingContainer {
    /// The options in an event log that was written before there were any.
    func decode(_ type: WordingOptions.Type, forKey key: Key) throws -> WordingOptions {
        try decodeIfPresent(type, forKey: key) ?? .none
    }
}
