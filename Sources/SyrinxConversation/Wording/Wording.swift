// SPDX-License-Identifier: Apache-2.0

/// From what the agent writes to what is said. Two kinds of change are kept apart, because of what the history is told:
///
/// - Marks that nobody can hear (Markdown, emoji) leave the text as it streams in. What was heard is without them.
/// - Words that are to sound otherwise (URLs, the table of pronunciations) are replaced clause by clause, for the
///   synthesiser alone. What was heard is told in the agent's own words.
package struct Wording: Sendable, Equatable {
    package let stream: WordingStream
    package let pronunciation: Pronunciation

    package init(_ options: Options) {
        let wording = options.wording
        stream = WordingStream(wording.filters)
        // A model that speaks by itself knows how.
        let isSynthesised = options.pipeline != .s2s || options.hasSynthesiser
        pronunciation = Pronunciation(isSynthesised ? wording : .none)
    }
}

/// Takes out what nobody can hear. However the text is cut into pieces, the same comes out in the end.
package struct WordingStream: Sendable, Equatable {
    private var markdown: MarkdownStream?
    private var emoji: EmojiStream?

    package init(_ filters: [TextFilter]) {
        markdown = filters.contains(.markdown) ? MarkdownStream() : nil
        emoji = filters.contains(.emoji) ? EmojiStream() : nil
    }

    package mutating func append(_ text: String) -> String {
        let plain = markdown?.append(text) ?? text
        return emoji?.append(plain) ?? plain
    }

    /// What was held back. Nothing more will come.
    package mutating func finish() -> String {
        let rest = markdown?.finish() ?? ""
        return emoji?.append(rest) ?? rest
    }
}
