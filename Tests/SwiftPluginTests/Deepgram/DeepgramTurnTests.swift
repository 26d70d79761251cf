// SPDX-License-Identifier: Apache-2.0
import Deepgram
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Deepgram's recogniser, when the vendor decides turns")
struct DeepgramTurnTests {
    static let provider = #"{"turn_mode":"provider"}"#
    static let flux = #"{"model":"flux-general-en"}"#

    @Test func `Nova: begins, ends and gives the turn`() throws {
        try DeepgramHarness.run(Self.provider) { harness in
            harness.speak(2_000, in: 1)
            harness.say(#"{"type":"SpeechStarted","channel":[0,1],"timestamp":0.5}"#)
            harness.results("hello", 0.5, 1.2, final: false)
            harness.results("Hello there.", 0.5, 1.6, speechFinal: true)
            // Comes after speech_final, and means nothing then.
            harness.say(#"{"type":"UtteranceEnd","channel":[0,1],"last_word_end":1.6}"#)
            #expect(
                harness.heard == [
                    "1 start", "1 partial hello", "1 partial Hello there.", "1 final Hello there.", "1 stop",
                    "1 turn 100",
                ])
            // The host ends the utterance: it has its words already.
            harness.finish(1)
            #expect(harness.heard.last == "1 final ")
            #expect(harness.sentText().isEmpty)
        }
    }

    @Test func `Nova: an utterance's end by words stands in for an endpoint that noise hides`() throws {
        try DeepgramHarness.run(Self.provider) { harness in
            harness.speak(2_000, in: 1)
            harness.results("I am", 0.2, 0.9)
            harness.results("here", 0.9, 1.5)
            harness.say(#"{"type":"UtteranceEnd","channel":[0,1],"last_word_end":1.5}"#)
            #expect(harness.heard.suffix(3) == ["1 final I am here", "1 stop", "1 turn 100"])
        }
    }

    @Test func `Nova: words that come between two utterances belong to the second`() throws {
        try DeepgramHarness.run(Self.provider) { harness in
            harness.speak(1_000, in: 1)
            harness.results("One.", 0.2, 0.6, speechFinal: true)
            harness.finish(1)
            harness.results("two", 0.7, 1.1, final: false)
            harness.speak(20, in: 2)
            #expect(harness.heard.last == "2 partial two")
            harness.results("Two.", 0.7, 1.1, speechFinal: true)
            #expect(harness.texts(.final) == ["One.", "", "Two."])
        }
    }

    @Test func `Nova: noise without words is no turn`() throws {
        try DeepgramHarness.run(Self.provider) { harness in
            harness.speak(1_000, in: 1)
            harness.say(#"{"type":"SpeechStarted","channel":[0,1],"timestamp":0.1}"#)
            harness.results("", 0, 0.8, speechFinal: true)
            #expect(harness.heard == ["1 start", "1 stop"])
        }
    }

    @Test func `Nova: the host may end a turn before the vendor does`() throws {
        try DeepgramHarness.run(Self.provider) { harness in
            harness.speak(1_000, in: 1)
            harness.results("wait", 0.2, 0.9, final: false)
            harness.finish(1)
            #expect(harness.sentText() == [#"{"type":"Finalize"}"#])
            harness.results("wait", 0.2, 1.1, speechFinal: true, finalize: true)
            #expect(harness.texts(.final) == ["wait"])
            #expect(harness.session.terminals(1).count == 1)
        }
    }

    @Test func `Flux: a turn from its start to its end`() throws {
        try DeepgramHarness.run(Self.flux) { harness in
            harness.say(#"{"type":"Connected","request_id":"r","sequence_id":0}"#)
            harness.speak(2_000, in: 1)
            harness.turn("Update", "", end: 0.2)
            harness.turn("StartOfTurn", "what", end: 0.6)
            harness.turn("Update", "what time", end: 0.9)
            harness.turn("EndOfTurn", "What time is it?", end: 1.9, confidence: 0.8)
            #expect(
                harness.heard == [
                    "1 start", "1 partial what", "1 partial what time", "1 final What time is it?", "1 stop",
                    "1 turn 100",
                ])
            let final = try #require(harness.session.events.first { $0.type == .final })
            #expect(abs(final.number - 0.8) < 0.01)
            harness.finish(1)
            #expect(harness.texts(.final) == ["What time is it?", ""])
            #expect(harness.sentText().isEmpty)
        }
    }

    @Test func `Flux: guesses the end, and takes it back`() throws {
        try DeepgramHarness.run(#"{"model":"flux-general-en","eager_eot_threshold":0.4}"#) { harness in
            harness.speak(2_000, in: 1)
            harness.turn("StartOfTurn", "I want", end: 0.5)
            harness.turn("EagerEndOfTurn", "I want", end: 0.8, confidence: 0.45)
            harness.turn("TurnResumed", "I want", end: 1.0)
            harness.turn("Update", "I want tea", end: 1.4)
            harness.turn("EagerEndOfTurn", "I want tea", end: 1.6, confidence: 0.5)
            harness.turn("EndOfTurn", "I want tea", end: 1.9, confidence: 0.9)
            #expect(
                harness.heard == [
                    "1 start", "1 partial I want", "1 turn 45", "1 turn 0", "1 partial I want tea",
                    "1 turn 50", "1 final I want tea", "1 stop", "1 turn 100",
                ])
            #expect(harness.session.events.first { $0.type == .turnEnd }?.json == #"{"eager":true}"#)
        }
    }

    @Test func `Flux: hears silence while the caller sends nothing, until the turn has ended`() throws {
        try DeepgramHarness.run(Self.flux) { harness in
            harness.speak(1_000, in: 1)
            harness.turn("StartOfTurn", "hello", end: 0.9)
            let before = harness.sentMilliseconds()
            harness.session.advance(milliseconds: 2_000)
            #expect((1_200...1_700).contains(harness.sentMilliseconds() - before))
            harness.turn("EndOfTurn", "hello", end: 2.0)
            let after = harness.sentMilliseconds()
            harness.session.advance(milliseconds: 3_000)
            #expect(harness.sentMilliseconds() - after <= 100)
            harness.session.advance(milliseconds: 10_000)
            #expect((200...400).contains(harness.sentMilliseconds() - after))
            #expect(harness.sentText().isEmpty)
        }
    }

    @Test func `Flux: serves a host that decides turns, too`() throws {
        try DeepgramHarness.run(#"{"model":"flux-general-en","turn_mode":"host"}"#) { harness in
            harness.speak(1_000, in: 1)
            harness.turn("StartOfTurn", "one two", end: 0.9)
            harness.finish(1)
            harness.session.advance(milliseconds: 300)
            harness.speak(1_000, in: 2)
            // The vendor's turn goes on; what the host has heard of it does not come again.
            harness.turn("Update", "one two three", end: 1.8)
            harness.finish(2)
            harness.turn("EndOfTurn", "one two three four", end: 2.2)
            #expect(harness.heard == ["1 partial one two", "1 final one two", "2 partial three", "2 final three four"])
        }
    }

    @Test func `Flux: hears the turn again after a lost connection`() throws {
        try DeepgramHarness.run(Self.flux) { harness in
            harness.speak(1_000, in: 1)
            harness.turn("StartOfTurn", "first", end: 0.4)
            harness.turn("EndOfTurn", "first", end: 0.5)
            harness.turn("StartOfTurn", "sec", end: 0.9)
            harness.session.closeSocket(harness.socket, code: 1011)
            harness.session.advance(milliseconds: 130)
            harness.accept()
            // From the end of the turn before.
            #expect((480...520).contains(harness.sentMilliseconds()))
            harness.turn("StartOfTurn", "sec", end: 0.4)
            harness.turn("EndOfTurn", "second", end: 0.5)
            #expect(harness.texts(.final) == ["first", "second"])
        }
    }

    @Test func `Flux: an error of the vendor is the reason of what follows`() throws {
        try DeepgramHarness.run(Self.flux) { harness in
            harness.say(#"{"type":"Error","sequence_id":3,"code":"NET-0001","description":"no audio"}"#)
            harness.session.closeSocket(harness.socket, code: 1011)
            #expect(harness.texts(.state).last == "reconnecting")
        }
    }
}
