// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation

/// How much of a conversation whoever answers is told, so that a long call does not grow beyond what a model can read.
/// The session itself forgets nothing of it.
package struct HistoryWindow: Sendable, Equatable {
    package var lines: Int
    package var characters: Int

    package init(lines: Int = 1000, characters: Int = 200_000) {
        self.lines = lines
        self.characters = characters
    }

    /// The newest whole lines that fit, in their order; the last one in any case.
    package func newest(of history: [HistoryItem]) -> [HistoryItem] {
        var left = characters
        var first = history.endIndex
        for index in history.indices.reversed() where index >= history.count - lines {
            left -= history[index].text.count
            guard left >= 0 || first == history.endIndex else { break }
            first = index
        }
        return Array(history[first...])
    }
}
