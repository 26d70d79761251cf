// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// The answer is spoken while it is still being written, cut where a speaker would pause.
@Suite struct SentenceTests {
    /// The clauses of a text that arrives in small pieces.
    private func clauses(_ text: String, piece: Int = 3) -> [String] {
        var chunker = SentenceChunker(options: ChunkingOptions())
        var cut: [SentenceChunker.Clause] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            chunker.append(String(rest.prefix(piece)), at: .zero, into: &cut)
            rest = rest.dropFirst(piece)
        }
        chunker.finish(at: .zero, into: &cut)
        return cut.map(\.text)
    }

    @Test(arguments: [
        ("That costs $3.50 altogether. Shall I order it?", ["That costs $3.50 altogether.", "Shall I order it?"]),
        (
            "Please see Dr. Xu about that. He will be in at noon.",
            ["Please see Dr. Xu about that.", "He will be in at noon."]
        ),
        (
            "Bring fruit, e.g. apples or pears. That will be enough.",
            ["Bring fruit, e.g. apples or pears.", "That will be enough."]
        ),
        ("Pi is 3.14 or thereabouts. Nobody knows it all.", ["Pi is 3.14 or thereabouts.", "Nobody knows it all."]),
        (
            "I moved to the U.S. from Spain. It was a long way.",
            ["I moved to the U.S. from Spain.", "It was a long way."]
        ),
        (
            "She said \"Come home now.\" Then she hung up on me.",
            ["She said \"Come home now.\"", "Then she hung up on me."]
        ),
        (
            "Let me think... there is one more thing. It is blue.",
            ["Let me think... there is one more thing.", "It is blue."]
        ),
        ("First line of it\nSecond line of the answer", ["First line of it", "Second line of the answer"]),
    ])
    func `a sentence ends where a reader would end it`(text: String, expected: [String]) {
        #expect(clauses(text) == expected)
        #expect(clauses(text, piece: 1) == expected)
        #expect(clauses(text, piece: 1000) == expected)
    }

    @Test func `Chinese and Japanese full stops need no space after them`() {
        #expect(
            clauses("今日はとてもいい天気ですね。明日の天気はどうなるのでしょうか？それは誰にもわかりませんよね。本当に。") == [
                "今日はとてもいい天気ですね。", "明日の天気はどうなるのでしょうか？それは誰にもわかりませんよね。", "本当に。",
            ]
        )
    }

    @Test func `the first clause is short, later ones are gathered`() {
        #expect(
            clauses("Of course. Yes. No. Maybe. Who knows that? I do not.") == [
                "Of course.", "Yes. No. Maybe. Who knows that?", "I do not.",
            ]
        )
    }

    @Test func `a text without any stop is cut at a comma or a space before 300 characters`() {
        let text = String(repeating: "word ", count: 200)
        let cut = clauses(text)
        #expect(cut.allSatisfy { $0.count <= 300 && !$0.isEmpty })
        #expect(cut.joined(separator: " ") == text.trimmed)
        #expect(clauses(String(repeating: "x", count: 1000)).joined() == String(repeating: "x", count: 1000))
    }

    @Test func `no cut loses or invents a character`() {
        var random = SplitMix64(seed: 11)
        let alphabet = Array("ab AB .,!?…\n\"')1。 é")
        for _ in 0..<300 {
            let text = String((0..<120).map { _ in random.pick(alphabet) })
            let said = clauses(text, piece: Int.random(in: 1...40, using: &random)).joined()
            // What is left out are spaces and lone punctuation; every word comes through, in order.
            let letters: (String) -> String = { $0.filter { $0.isLetter || $0.isNumber } }
            #expect(letters(said) == letters(text))
        }
    }

    @Test func `first audio leaves before the agent has finished`() {
        let scene = Scenario()
        scene.caller.types("hello")
        scene.agent.streams("Good morning to you. And so it ")
        scene.pass(.milliseconds(100))
        #expect(!scene.frames.isEmpty)
        #expect(scene.clauses == ["Good morning to you."])
    }

    @Test func `text that waits 400 ms goes up to its last whole word`() {
        let scene = Scenario()
        scene.caller.types("hello")
        let asked = scene.now
        scene.agent.streams("Well I would say tha")
        scene.pass(.milliseconds(600))
        #expect(scene.clauses == ["Well I would say"])
        #expect(scene.instants { if case .speak = $0 { true } else { false } } == [asked + .milliseconds(400)])
    }

    @Test func `an answer of nothing ends the turn without speech`() {
        let scene = Scenario()
        scene.caller.types("hello")
        scene.agent.answers("  ")
        #expect(scene.reports.map(\.outcome) == [.answered])
        #expect(scene.clauses.isEmpty)
    }
}
