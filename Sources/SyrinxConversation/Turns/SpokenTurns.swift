// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Turns that a speech-to-speech provider answers before it has written down what the caller said. Their words are put
/// where they belong when they come, even if the turn is over: each once, in the order of the turns.
package struct SpokenTurns: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package let turn: Int
        package fileprivate(set) var words = ""
        /// Words that may still change; used as long as there are no others.
        package var partial = ""
        /// Words are waited for until then.
        fileprivate let until: Instant
        /// Where in the history the words are, or belong.
        package fileprivate(set) var place = 0
        package fileprivate(set) var isInHistory = false
        package fileprivate(set) var isOver = false
        fileprivate var isSilent = false

        package var text: String { words.isEmpty ? partial : words }
        fileprivate func waits(at now: Instant) -> Bool { words.isEmpty && !isSilent && now < until }
    }

    private static let limit = 4

    private var entries: [Entry] = []
    /// The newest partial transcript of speech whose turn is not committed.
    package var partial = ""
    /// The caller has spoken since the newest turn was committed.
    package private(set) var isSpeechNew = false

    package init() {}

    /// Words of a turn are still to come.
    package func isWaiting(at now: Instant) -> Bool { entries.contains { $0.waits(at: now) } }

    package mutating func speechStarted() { isSpeechNew = true }

    package mutating func committed(_ turn: Int, words: String, at place: Int, until: Instant) {
        isSpeechNew = false
        if entries.count == Self.limit { entries.removeFirst() }
        var entry = Entry(turn: turn, until: until)
        entry.words = words
        entry.partial = words.isEmpty ? partial : ""
        entry.place = place
        partial = ""
        entries.append(entry)
    }

    /// The turn to which words belong that come now; nil = to speech whose turn is not committed. An open turn gets more
    /// words as long as the caller says nothing new.
    package func owner(at now: Instant) -> Int? {
        if let waiting = entries.first(where: { $0.waits(at: now) }) { return waiting.turn }
        guard let newest = entries.last, !newest.isOver, !isSpeechNew else { return nil }
        return newest.turn
    }

    package subscript(turn: Int) -> Entry? { entries.first { $0.turn == turn } }

    /// - Returns: the entry with the words added.
    package mutating func add(_ text: String, to turn: Int) -> Entry? {
        change(turn) { entry in
            // It was said that there are no words.
            if text.isEmpty { entry.isSilent = true }
            entry.words = entry.words.joined(text)
        }
    }

    package mutating func setPartial(_ text: String, of turn: Int) { _ = change(turn) { $0.partial = text } }

    package mutating func ended(_ turn: Int, isInHistory: Bool, at place: Int) {
        _ = change(turn) { entry in
            entry.isOver = true
            entry.isInHistory = isInHistory
            entry.place = place
        }
    }

    package mutating func remembered(_ turn: Int) { _ = change(turn) { $0.isInHistory = true } }

    /// A line was put into the history: of `turn`, or of none.
    package mutating func lineAdded(at place: Int, turn: Int?) {
        for index in entries.indices where entries[index].turn != turn {
            let isLater = entries[index].turn > turn ?? .max
            if entries[index].place > place || (isLater && entries[index].place == place) { entries[index].place += 1 }
        }
    }

    /// The oldest line has left the history.
    package mutating func oldestLineLeft() {
        entries.removeAll { $0.isInHistory && $0.place == 0 }
        for index in entries.indices { entries[index].place = max(0, entries[index].place - 1) }
    }

    /// The history is another one: words that were in it are not written again.
    package mutating func linesReplaced() { entries.removeAll(where: \.isInHistory) }

    private mutating func change(_ turn: Int, _ body: (inout Entry) -> Void) -> Entry? {
        guard let index = entries.firstIndex(where: { $0.turn == turn }) else { return nil }
        body(&entries[index])
        return entries[index]
    }
}
