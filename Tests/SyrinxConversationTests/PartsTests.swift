// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import Testing

/// The small structs, each alone.
@Suite struct PartsTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test func `the audio clock counts samples, not arrival times`() {
        var clock = AudioClock(rate: 16_000, idle: .seconds(1))
        clock.advance(samples: 320, at: at(100))
        let start = clock.position(at: at(100))
        // Three frames arrive late and together.
        for _ in 0..<3 { clock.advance(samples: 320, at: at(700)) }
        #expect(clock.position(at: at(700)) - start == .milliseconds(60))
        #expect(clock.position(at: at(1700)) - start == .milliseconds(60))
        #expect(clock.position(at: at(1900)) - start == .milliseconds(260))
        #expect(clock.latest(of: start + .milliseconds(260)) == at(1900))
    }

    @Test func `the audio clock survives any number`() {
        var clock = AudioClock(rate: 0, idle: .zero)
        for samples in [Int.min, .max, 0] { clock.advance(samples: samples, at: .distantFuture) }
        #expect(clock.duration(of: -1) == .zero)
        #expect(clock.samples(in: .seconds(-1)) == 0)
    }

    @Test func `voiced time leaves out the silence after speech`() {
        var detector = SpeechDetector(options: SpeechOptions())
        for _ in 0..<10 { _ = detector.hear(.milliseconds(20), probability: 0.9) }
        for _ in 0..<5 { _ = detector.hear(.milliseconds(20), probability: 0.1) }
        #expect(detector.voiced == .milliseconds(200))
        #expect(detector.silence == .milliseconds(100))
    }

    @Test func `silence began before a detector with a hangover let go`() {
        var options = SpeechOptions()
        options.hangover = .milliseconds(140)
        var detector = SpeechDetector(options: options)
        for _ in 0..<20 { _ = detector.hear(.milliseconds(20), probability: 0.9) }
        for _ in 0..<7 { #expect(detector.hear(.milliseconds(20), probability: 0.1) == .none) }
        #expect(detector.hear(.milliseconds(20), probability: 0.1) == .ended(silence: .milliseconds(300)))
    }

    @Test func `a probability that is no number is silence`() {
        var detector = SpeechDetector(options: SpeechOptions())
        for _ in 0..<10 { _ = detector.hear(.milliseconds(20), probability: 0.9) }
        for _ in 0..<15 { _ = detector.hear(.milliseconds(20), probability: .nan) }
        #expect(!detector.isSpeaking)
    }

    @Test func `words are compared without case and punctuation`() {
        #expect("Mm-hm, that's FINE.".normalisedWords == ["mmhm", "thats", "fine"])
        #expect("What time is it?".normalisedTranscript == "what time is it".normalisedTranscript)
        #expect("今日は".joined("いい天気") == "今日はいい天気")
        #expect("one".joined("two") == "one two")
    }

    @Test(arguments: [
        ("en", "Uh-huh."), ("en-GB", "Yeah, okay, I see."), ("de", "Ja, genau."), ("fr", "D'accord !"),
        ("es", "Sí, claro."), ("it", "Va bene."), ("pt", "Tá bom."), ("nl", "Ja, precies."), ("xx", "okay"),
    ])
    func `each language knows its backchannels`(language: String, text: String) {
        #expect(Lexicon(language: language).isBackchannel(text))
    }

    @Test(arguments: ["yes please book it", "okay but no", "stop", "", "..."])
    func `what says something is no backchannel`(text: String) {
        #expect(!Lexicon(language: "en").isBackchannel(text))
    }

    @Test(arguments: [
        ("I would like a table for", true), ("It costs, um,", true), ("I went home.", false), ("Is it for?", false),
        ("und dann bin ich mit", false), ("", false),
    ])
    func `an unfinished sentence is recognised by its tail`(text: String, expected: Bool) {
        #expect(DanglingTail.isDangling(text, language: "en") == expected)
    }

    @Test func `a second candidate while paused restarts only the timer`() {
        var bargeIn = BargeIn(options: InterruptionOptions())
        let speech = BargeIn.Evidence(voiced: .milliseconds(400), words: 0, isBackchannel: false, isNearBoundary: false)
        #expect(bargeIn.hear(speech) == .pause)
        #expect(bargeIn.speechEnded(at: at(0)) == .none)
        #expect(bargeIn.deadline == at(2000))
        #expect(bargeIn.hear(speech) == .none)
        _ = bargeIn.speechEnded(at: at(1500))
        #expect(bargeIn.deadline == at(3500))
        // A click is no candidate.
        _ = bargeIn.speechEnded(at: at(3000))
        #expect(bargeIn.deadline == at(3500))
        #expect(bargeIn.reject() == .resume)
    }

    @Test func `acknowledgements before the new audio belong to the old`() {
        var acknowledgements = Acknowledgements()
        acknowledgements.speechBegan()
        acknowledgements.played(4800)
        #expect(acknowledgements.position == 4800)
        acknowledgements.cleared()
        acknowledgements.played(5200)
        acknowledgements.speechBegan()
        #expect(acknowledgements.position == 0)
        acknowledgements.played(6200)
        #expect(acknowledgements.position == 1000)
        acknowledgements.played(-1)
        acknowledgements.played(10)
        #expect(acknowledgements.position == 1000)
    }

    @Test func `Beluga's state is a projection of ours`() {
        #expect(PipelineState(session: .created, user: .listening, agent: .initializing) == .initial)
        #expect(PipelineState(session: .active, user: .listening, agent: .thinking) == .processing)
        #expect(PipelineState(session: .active, user: .speaking, agent: .paused) == .speaking)
        #expect(PipelineState(session: .active, user: .away, agent: .speaking) == .away)
        #expect(PipelineState(session: .closed(.userHangup), user: .listening, agent: .idle) == .ended)
        #expect(PipelineState(session: .closed(.providerFailed), user: .listening, agent: .idle) == .error)
    }
}
