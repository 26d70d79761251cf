// SPDX-License-Identifier: Apache-2.0
import Deepgram
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Deepgram's recogniser, when it finds out the language")
struct DeepgramLanguageTests {
    static let several = #"{"language":"multi"}"#
    static let flux = #"{"model":"flux-general-multi"}"#

    private func results(_ words: [(String, String)], _ start: Double, final: Bool = true, more: String = "") -> String
    {
        let list = words.map { #"{"word":"\#($0.0)","confidence":0.9,"language":"\#($0.1)"}"# }.joined(separator: ",")
        let text = words.map(\.0).joined(separator: " ")
        return #"{"type":"Results","start":\#(start),"duration":0.5,"is_final":\#(final),"from_finalize":false,"#
            + #""channel":{"alternatives":[{"transcript":"\#(text)","confidence":0.9,"words":[\#(list)]\#(more)}]}}"#
    }

    private func languages(_ harness: DeepgramHarness) -> [String] {
        harness.session.events.filter { $0.type == .final }.map(\.json)
    }

    @Test func `tells the language that most words of an utterance are of`() throws {
        try DeepgramHarness.run(Self.several) { harness in
            #expect(harness.session.requests.first?.url.contains("language=multi") == true)
            harness.speak(1_000, in: 1)
            harness.say(results([("OK", "en"), ("ich", "de")], 0))
            harness.say(results([("möchte", "de"), ("Thank", "en")], 0.5, final: false))
            harness.say(results([("möchte", "de"), ("gehen", "de")], 0.5))
            harness.finish(1)
            harness.results("", 1.0, 1.1, finalize: true)
            harness.speak(400, in: 2)
            harness.say(results([("bye", "en")], 1.1))
            harness.finish(2)
            harness.results("", 1.4, 1.5, finalize: true)
            #expect(harness.texts(.final) == ["OK ich möchte gehen", "bye"])
            #expect(languages(harness) == [#"{"language":"de"}"#, #"{"language":"en"}"#])
        }
    }

    @Test func `takes the list of a stretch where words have none, and words that are not final yet`() throws {
        try DeepgramHarness.run(Self.several) { harness in
            harness.speak(1_000, in: 1)
            harness.say(
                #"{"type":"Results","start":0,"duration":0.5,"is_final":true,"channel":{"alternatives":"#
                    + #"[{"transcript":"hola","languages":["es","en"]}]}}"#)
            harness.say(results([("good", "en"), ("bye", "en")], 0.5, final: false))
            harness.finish(1)
            harness.session.advance(milliseconds: 300)
            #expect(harness.texts(.final) == ["hola good bye"])
            #expect(languages(harness) == [#"{"language":"en"}"#])
        }
    }

    @Test(arguments: ["{}", #"{"language":"en"}"#, #"{"language":"de-AT"}"#])
    func `tells none that it was told itself`(config: String) throws {
        try DeepgramHarness.run(config) { harness in
            harness.speak(400, in: 1)
            harness.say(results([("hello", "en")], 0, more: #","languages":["en"]"#))
            harness.finish(1)
            harness.results("", 0.4, 0.5, finalize: true)
            #expect(harness.texts(.final) == ["hello"] && languages(harness) == [""])
        }
    }

    static let malformed = [
        #""languages":7"#, #""languages":[]"#, #""languages":[{}]"#, #""languages":null,"words":[{"language":5}]"#,
        #""words":"none""#, #""words":[7]"#, #""languages":["\#(String(repeating: "x", count: 40))"]"#,
        #""languages":[""]"#,
    ]

    @Test(arguments: malformed) func `words are words, whatever is said of their language`(part: String) throws {
        try DeepgramHarness.run(Self.several) { harness in
            harness.speak(400, in: 1)
            harness.say(
                #"{"type":"Results","start":0,"duration":0.4,"is_final":true,"channel":{"alternatives":"#
                    + #"[{"transcript":"hola","confidence":1,\#(part)}]}}"#)
            harness.finish(1)
            harness.results("", 0.4, 0.5, finalize: true)
            #expect(harness.texts(.final) == ["hola"] && languages(harness) == [""])
        }
    }

    @Test(arguments: [(flux, #"{"language":"de"}"#), (#"{"model":"flux-general-en"}"#, "")])
    func `Flux: tells the language of a turn, where its model knows several`(config: String, json: String) throws {
        try DeepgramHarness.run(config) { harness in
            harness.speak(1_000, in: 1)
            for event in ["StartOfTurn", "EndOfTurn"] {
                harness.say(
                    #"{"type":"TurnInfo","event":"\#(event)","audio_window_end":0.9,"transcript":"guten tag","#
                        + #""words":[{"word":"guten","confidence":1}],"languages":["de"],"end_of_turn_confidence":0.9}"#
                )
            }
            #expect(harness.texts(.final) == ["guten tag"] && languages(harness) == [json])
        }
    }
}
