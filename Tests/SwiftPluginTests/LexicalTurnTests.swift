// SPDX-License-Identifier: Apache-2.0
import LexicalTurn
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("The lexical turn detector")
struct LexicalTurnTests {
    let host = FakeHost()

    private func probabilities(
        of texts: [String],
        config: String = "{}",
        options: String = "{}"
    ) throws -> [Double?] {
        let provider = try host.open(lexicalTurnModule.table, .turn, "lexical", config: config)
        defer { provider.close() }
        let session = try provider.openSession(options: options)
        defer { session.close() }
        return texts.enumerated().map { index, text in
            session.transcript(text, silence: 0.3, generation: UInt64(index + 1))
        }
    }

    @Test(arguments: TurnExamples.byLanguage.keys.sorted())
    func `judges at least nine of ten examples right`(language: String) throws {
        let examples = try #require(TurnExamples.byLanguage[language])
        let texts = examples.complete + examples.unfinished
        let answers = try probabilities(of: texts, config: #"{"language":"\#(language)"}"#)
        var wrong: [String] = []
        for (index, (text, probability)) in zip(texts, answers).enumerated() {
            let isComplete = try #require(probability) >= 0.5
            if isComplete != (index < examples.complete.count) { wrong.append(text) }
        }
        #expect(wrong.count * 10 <= texts.count, "wrong: \(wrong)")
    }

    @Test func `knows enough examples to mean something`() {
        let count = TurnExamples.byLanguage.values.reduce(0) { $0 + $1.complete.count + $1.unfinished.count }
        #expect(count >= 60)
    }

    @Test func `is surer of a question than of a bare word, and of that than of a filler`() throws {
        let answers = try probabilities(of: ["where is the station", "tables", "i would like um"]).compactMap { $0 }
        #expect(answers.count == 3)
        #expect(answers[0] > answers[1])
        #expect(answers[1] > answers[2])
    }

    @Test func `moves its threshold to one half`() throws {
        let strict = try probabilities(of: ["i want a table for two"], config: #"{"threshold":0.9}"#)
        let lax = try probabilities(of: ["i want a table for two"], config: #"{"threshold":0.2}"#)
        #expect(try #require(strict[0]) < 0.5)
        #expect(try #require(lax[0]) > 0.5)
    }

    @Test func `takes a session's language before the provider's`() throws {
        let answers = try probabilities(
            of: ["ich hätte gerne einen"],
            config: #"{"language":"en"}"#,
            options: #"{"language":"de-AT"}"#
        )
        #expect(try #require(answers[0]) < 0.5)
    }

    @Test func `uses punctuation alone in a language it does not know`() throws {
        let answers = try probabilities(of: ["haluan pöydän,", "haluan pöydän."], config: #"{"language":"fi"}"#)
        #expect(try #require(answers[0]) < 0.5)
        #expect(try #require(answers[1]) > 0.5)
    }

    @Test(arguments: ["", " ", "...", "\u{0}", "’’’", String(repeating: "a ", count: 100_000)])
    func `answers any text`(text: String) throws {
        let answer = try #require(try probabilities(of: [text])[0])
        #expect((0...1).contains(answer))
    }

    @Test func `refuses a threshold that leaves nothing`() {
        #expect(throws: PluginError.self) { try probabilities(of: ["a"], config: #"{"threshold":1}"#) }
    }
}
