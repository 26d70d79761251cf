// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore

/// What a caller says at once, and in which language.
package struct SimulatedLine: Hashable, Sendable {
    package var text: String
    /// A tag such as `de`; nil = the line did not say.
    package var language: String?

    package init(text: String, language: String? = nil) {
        self.text = text
        self.language = language
    }

    /// `[de] Guten Tag`, or the words alone.
    package init(_ line: String) {
        let rest = line.drop { $0 != "]" }.dropFirst()
        let tag = line.dropFirst().prefix { $0 != "]" }
        guard line.first == "[", rest.first == " ", LanguageTag.isValid(String(tag)) else {
            self.init(text: line)
            return
        }
        self.init(text: String(rest.dropFirst()), language: String(tag))
    }
}

/// What simulated callers say, line by line, and again from the start. Shared by all connections; safe from any thread.
package final class SimulatedLines: Sendable {
    private struct State {
        var position = 0
        var givenBack: [SimulatedLine] = []
    }

    /// More connections than this do not break off at once.
    private static let maximumGivenBack = 256

    private let lines: [SimulatedLine]
    private let state = Mutex(State())

    package init(_ lines: [String] = []) {
        let lines = lines.isEmpty ? ["Hello there.", "What time is it?", "Thank you, goodbye."] : lines
        self.lines = lines.map { SimulatedLine($0) }
    }

    /// The words of the next one.
    package func next() -> String { nextLine().text }

    package func nextLine() -> SimulatedLine {
        state.withLock { state in
            if !state.givenBack.isEmpty { return state.givenBack.removeFirst() }
            defer { state.position = (state.position + 1) % lines.count }
            return lines[state.position]
        }
    }

    /// The caller was cut off in this line, or in the rest of one: who says it again is heard to say it.
    package func giveBack(_ line: SimulatedLine) {
        state.withLock { if $0.givenBack.count < Self.maximumGivenBack { $0.givenBack.append(line) } }
    }
}

/// Hears that somebody speaks, and takes the next line for what was said.
package struct SimulatedRecogniser {
    package enum Event: Hashable, Sendable {
        case started(milliseconds: Int)
        /// The words so far.
        case partial(String)
        /// Where it began and ended in all audio fed, in milliseconds.
        case final(String, start: Int, end: Int)
    }

    private static let millisecondsPerWord = 300

    private let lines: SimulatedLines
    private var detector: SpeechDetector
    private var line: SimulatedLine?
    /// Of the newest line.
    package private(set) var language: String?
    private var shown = 0
    private var start = 0

    /// All audio fed, in milliseconds.
    package var position: Int { detector.position }
    package var isSpeaking: Bool { detector.isSpeaking }

    package init(rate: Int, lines: SimulatedLines, silenceMilliseconds: Int = 500) {
        self.lines = lines
        detector = SpeechDetector(rate: rate, silenceMilliseconds: silenceMilliseconds)
    }

    package mutating func feed(_ samples: [Int16]) -> [Event] { events(detector.feed(samples)) }

    /// Ends what is begun.
    package mutating func finish() -> [Event] { events(detector.finish()) }

    /// The connection has broken: the line that was begun is still to be said, but for its first words.
    package mutating func abandon(butFor words: Int = 0) {
        guard let line else { return }
        let rest = SimulatedText.words(line.text).dropFirst(words).joined()
        lines.giveBack(SimulatedLine(text: rest, language: line.language))
        self.line = nil
    }

    private mutating func events(_ heard: [SpeechDetector.Event]) -> [Event] {
        heard.compactMap { event in
            switch event {
            case .started(let milliseconds):
                line = lines.nextLine()
                language = line?.language
                shown = 0
                start = milliseconds
                return .started(milliseconds: milliseconds)
            case .speaking(let milliseconds): return partial(milliseconds)
            case .stopped(let milliseconds):
                defer { line = nil }
                return line.map { .final($0.text, start: start, end: milliseconds) }
            }
        }
    }

    private mutating func partial(_ milliseconds: Int) -> Event? {
        guard let line else { return nil }
        let words = SimulatedText.words(line.text)
        let count = min(words.count, milliseconds / Self.millisecondsPerWord)
        guard count > shown else { return nil }
        shown = count
        return .partial(words.prefix(count).joined().trimmedEnd)
    }
}

/// Texts in pieces.
package enum SimulatedText {
    /// Words with the spaces behind them: joined they are the text.
    package static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasSpace = false
        for character in text {
            if wasSpace, !character.isWhitespace {
                words.append(word)
                word = ""
            }
            word.append(character)
            wasSpace = character.isWhitespace
        }
        return word.isEmpty ? words : words + [word]
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return text
    }
}
