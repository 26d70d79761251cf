// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// Marks that nobody can hear are not said.
@Suite struct WordingStreamTests {
    private func plain(_ text: String, _ filters: [TextFilter] = [.markdown, .emoji]) -> String {
        var stream = WordingStream(filters)
        let first = stream.append(text)
        return first + stream.finish()
    }

    @Test(arguments: [
        ("**Hello** _there_, `friend`.", "Hello there, friend."),
        ("# Title\nText", " Title\nText"),
        ("- one\n* two\n+ three\n1. four", "one\ntwo\nthree\n1. four"),
        ("> said *she*", " said she"),
        ("one\n---\ntwo\n***\nthree\n===", "one\n\ntwo\n\nthree\n"),
        ("```swift\nlet x = 1\n```\nDone.", "\nlet x = 1\n\nDone."),
        ("See [the **site**](https://a.example/b_(c) \"d\") now.", "See the site now."),
        ("![a cat](cat.png) and [1] and [x] (y)", "a cat and [1] and [x] (y)"),
        ("<https://a.example> is < b and <break time=\"1s\"/>", "https://a.example is < b and <break time=\"1s\"/>"),
        ("~~old~~ ~5 new", "old ~5 new"),
        (#"\*not\* marks, C:\temp"#, "*not* marks, C:\\temp"),
    ])
    func `marks of Markdown are left out`(written: String, said: String) {
        #expect(plain(written) == said)
    }

    @Test(arguments: [
        "2 * 3 = 6", "5*3", "snake_case and file_name.txt", "-5 degrees", "#1 of 3", "Wow! [laughs]", "a > b", "~",
        "It costs $3.50, i.e. 10 % off!", "x = [1, 2", "!", "**", "C# and F#", "Hi - it works", "«Grüße»",
    ])
    func `what only looks like a mark stays`(text: String) {
        #expect(plain(text) == text)
    }

    @Test(arguments: [
        ("Hi 😀 there", "Hi there"), ("😀 Hello", "Hello"), ("Done ✅\nNext", "Done \nNext"), ("Love ❤️‍🔥!", "Love !"),
        ("👨‍👩‍👧 a family, 🏴󠁧󠁢󠁥󠁮󠁧󠁿 a flag 🇩🇪.", "a family, a flag ."), ("👍🏽 ok", "ok"), ("Press 1️⃣ or #️⃣", "Press 1 or #"),
        ("5 € © ™ → 10 °C", "5 € © ™ → 10 °C"), ("क्‍ष", "क्‍ष"),
    ])
    func `emoji are left out, letters of all scripts stay`(written: String, said: String) {
        #expect(plain(written) == said)
    }

    @Test func `without filters the text is as it was`() {
        let text = "**Hi** 😀 [a](b)"
        #expect(plain(text, []) == text)
        #expect(plain(text, [.emoji]) == "**Hi** [a](b)")
        #expect(plain(text, [.markdown]) == "Hi 😀 a")
    }

    @Test func `however the text is cut into pieces, the same is said`() {
        let parts = [
            "*", "**", "_", "`", "```", "\n", " ", "[", "]", "(", ")", "](", "!", "#", "-", "+", "=", ">", "<", "http",
            "~",
            "\\", "a", "B2", "word", "é", "5", ".", "😀", "👨‍👩‍👧", "❤️", "1️⃣", "\u{200D}", "\u{301}", "\r\n", "https://a.b/c",
            "  ",
            String(repeating: "*", count: 90), String(repeating: "x", count: 210),
        ]
        for seed in UInt64(1)...3000 {
            var random = SplitMix64(seed: seed)
            let count = Int.random(in: 1...24, using: &random)
            let text = (0..<count).map { _ in random.pick(parts) }.joined()
            let whole = plain(text)
            var stream = WordingStream([.markdown, .emoji])
            var (pieces, piece) = ("", String.UnicodeScalarView())
            for scalar in text.unicodeScalars {
                piece.append(scalar)
                guard random.chance(0.5) else { continue }
                pieces += stream.append(String(piece))
                piece = String.UnicodeScalarView()
            }
            pieces += stream.append(String(piece))
            pieces += stream.finish()
            #expect(
                Array(pieces.unicodeScalars) == Array(whole.unicodeScalars), "seed \(seed): \(text.debugDescription)")
        }
    }

    @Test func `no more is held back than a link's words can be long`() {
        var stream = WordingStream([.markdown])
        let said = stream.append("[" + String(repeating: "a", count: 100_000))
        #expect(said.count > 99_000)
    }
}

/// Words that sound otherwise than they are written; the history has the agent's own.
@Suite struct PronunciationTests {
    private func spoken(_ text: String, _ table: [String: String], urls: Bool = false) -> String {
        var options = WordingOptions()
        options.pronunciation = table
        if urls { options.filters.append(.urls) }
        return Pronunciation(options).spoken(text)?.text ?? text
    }

    @Test func `whole words are replaced, the longest first`() {
        let table = ["SQL": "sequel", "SQL Server": "sequel server", "gif": "jif", "c++": "see plus plus"]
        #expect(spoken("SQL, SQL Server and MySQL.", table) == "sequel, sequel server and MySQL.")
        #expect(spoken("sql is not SQL's name", table) == "sql is not sequel's name")
        #expect(spoken("A GIF, a gif, gifs", table) == "A jif, a jif, gifs")
        #expect(spoken("Use C++!", table) == "Use see plus plus!")
        #expect(spoken("nothing", table) == "nothing")
    }

    @Test func `of a URL the site is said`() {
        #expect(spoken("Go to https://www.example.com/a/b?c=d#e.", [:], urls: true) == "Go to example.com.")
        #expect(spoken("(www.example.org)", [:], urls: true) == "(example.org)")
        #expect(spoken("HTTP://me:pw@shop.example:8080/x", [:], urls: true) == "shop.example")
        #expect(spoken("https:// and wwww", [:], urls: true) == "https:// and wwww")
        #expect(spoken("https://a.example/x", [:]) == "https://a.example/x")
    }

    @Test func `a place that is not in the clause does no harm`() {
        var options = WordingOptions()
        options.filters = [.urls]
        let clause = Pronunciation(options).spoken("At https://www.example.com/a now.")
        #expect(clause?.text == "At example.com now.")
        #expect(clause?.written(spoken: .max) == 33)
        #expect(clause?.written(spoken: -1) == 0)
    }

    @Test func `a table cannot make a clause grow without bound`() {
        let text = String(repeating: "a ", count: 5000)
        #expect(spoken(text, ["a": String(repeating: "b", count: 100)]).utf8.count < 20_000)
    }

    // MARK: in a conversation

    private static let written = "The **SQL** course 😀 is at https://www.example.com/a?b today."
    private static let heard = "The SQL course is at https://www.example.com/a?b today."
    private static let said = "The structured query language course is at example.com today."

    private func scene() -> Scenario {
        Scenario {
            $0.outputRate = 16_000
            $0.wording.filters = TextFilter.allCases
            $0.wording.pronunciation = ["SQL": "structured query language"]
        }
    }

    @Test func `the synthesiser gets what is said, the history what was written`() {
        let scene = scene()
        scene.caller.types("where")
        for character in Self.written { scene.agent.streams(String(character)) }
        scene.agent.isDone()
        scene.pass(.seconds(10))
        #expect(scene.clauses == [Self.said])
        #expect(scene.reports.first?.heard == Self.heard)
        #expect(scene.story == ["user: where", "assistant: \(Self.heard)"])
        // What was written down as the agent's text is untouched.
        #expect(scene.reports.first?.agent == Self.written)
        #expect(scene.invariants.violations.isEmpty)
    }

    /// 250 ms a word of what is said.
    private func heard(after milliseconds: Int, marks: Bool) -> String {
        let scene = scene()
        scene.synthesises = false
        scene.caller.types("where")
        scene.agent.answers(Self.written)
        let generation = scene.agent.generation
        let words = Self.said.split(separator: " ")
        for (index, word) in words.enumerated() where marks {
            let byte = word.startIndex.utf16Offset(in: Self.said)
            scene.give(.speechMark(generation: generation, clause: 1, byteOffset: byte, sampleOffset: index * 4000))
        }
        scene.give(.speech(generation: generation, clause: 1, samples: words.count * 4000))
        scene.give(.speechDone(generation: generation, clause: 1))
        scene.pass(.milliseconds(milliseconds))
        scene.app.interrupts()
        return scene.reports.first?.heard ?? "?"
    }

    @Test func `a word that was replaced is heard when its replacement has been said`() {
        #expect(heard(after: 600, marks: true) == "The")
        #expect(heard(after: 900, marks: true) == "The")
        #expect(heard(after: 1100, marks: true) == "The SQL")
        #expect(heard(after: 1850, marks: true) == "The SQL course is at")
        #expect(heard(after: 2100, marks: true) == "The SQL course is at https://www.example.com/a?b")
        for milliseconds in stride(from: 0, through: 2200, by: 50) {
            let text = heard(after: milliseconds, marks: false)
            #expect(Self.heard.hasPrefix(text))
            #expect(milliseconds > 900 || !text.contains("SQL"))
        }
    }

    @Test func `what is asked for again is said the same way`() {
        let scene = scene()
        scene.synthesises = false
        scene.caller.types("where")
        scene.agent.answers(Self.written)
        scene.give(.speech(generation: 1, clause: 1, samples: 4000))
        scene.give(.speechMark(generation: 1, clause: 1, byteOffset: 4, sampleOffset: 3000))
        scene.give(.speechFailed(generation: 1, clause: 1, code: "tts.lost", retryable: true))
        #expect(scene.clauses.last == "structured query language course is at example.com today.")
    }

    @Test func `an answer of pictures alone ends without a word`() {
        let scene = Scenario()
        scene.caller.types("smile")
        scene.agent.answers("😀 👍")
        scene.pass(.seconds(2))
        #expect(scene.clauses.isEmpty)
        #expect(scene.reports.count == 1)
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `a log from before there were filters replays as it was`() throws {
        var options = Options()
        options.wording = .none
        var recorder = ConversationRecorder(options: options)
        var actions: [Action] = []
        for (second, input) in [Input.start, .callerText("hi"), .delta(generation: 1, text: "**Hello** you.")]
            .enumerated()
        {
            recorder.handle(input, at: Instant(nanoseconds: Int64(second) * 1_000_000_000), into: &actions)
        }
        var lines = recorder.takeLines(flush: true)
        let wording = #","wording":{"filters":[],"pronunciation":{}}"#
        #expect(lines[0].contains(wording))
        lines[0] = lines[0].replacing(wording, with: "")
        #expect(Replay.verify(lines) == nil)
    }
}
