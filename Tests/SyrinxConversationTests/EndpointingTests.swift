// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// Hearing the caller and deciding that the turn is complete.
@Suite struct EndpointingTests {
    @Test func `speech is noticed within 80 ms and its utterance begins with the padding before it`() {
        let scene = Scenario()
        scene.caller.isSilent(.seconds(1))
        let onset = scene.now
        scene.caller.speaks(.milliseconds(200))
        let noticed = scene.instant(of: .userSpeechStarted)
        #expect(noticed == onset + .milliseconds(80))
        // 80 ms of speech and 300 ms before it, at 16 kHz.
        #expect(scene.record.contains { $0.action == .beginUtterance(1, padding: 6080) })
    }

    @Test func `a click of 60 ms is not speech`() {
        let scene = Scenario()
        scene.caller.speaks(.milliseconds(60))
        scene.caller.isSilent(.seconds(1))
        #expect(!scene.has(.userSpeechStarted))
    }

    @Test func `a dip between the thresholds does not end speech`() {
        let scene = Scenario()
        scene.caller.speaks(.milliseconds(400))
        scene.caller.speaks(.milliseconds(400), probability: 0.4)
        scene.caller.speaks(.milliseconds(400))
        #expect(scene.count(.userSpeechStarted) == 1)
        #expect(!scene.has(.userSpeechStopped))
    }

    @Test func `the turn ends 500 ms after the last speech, however slow the transcript`() {
        for delay in [50, 150] {
            let scene = Scenario()
            scene.transcribes = ("what time is it", .milliseconds(delay))
            scene.caller.speaks(.seconds(1))
            let lastSpeech = scene.now
            scene.caller.isSilent(.seconds(2))
            #expect(scene.commits.map(\.at) == [lastSpeech + .milliseconds(500)])
            #expect(scene.commits.first?.delay == .milliseconds(500))
            #expect(scene.commits.first?.source == .silence)
        }
    }

    @Test func `a transcript later than the delay commits the moment it comes`() {
        let scene = Scenario()
        scene.transcribes = ("what time is it", .milliseconds(900))
        scene.caller.speaks(.seconds(1))
        let lastSpeech = scene.now
        scene.caller.isSilent(.seconds(2))
        #expect(scene.commits.map(\.at) == [lastSpeech + .milliseconds(1200)])
    }

    @Test func `with no endpointing delay a final that is there commits on the frame that completes the silence`() {
        let scene = Scenario {
            $0.speech.minSilence = .milliseconds(200)
            $0.endpointing.minDelay = .zero
        }
        scene.caller.speaks(.seconds(1))
        let lastSpeech = scene.now
        scene.caller.isSilent(.milliseconds(100))
        scene.stt.final("what time is it")
        scene.caller.isSilent(.milliseconds(300))
        #expect(scene.commits.map(\.at) == [lastSpeech + .milliseconds(200)])
    }

    @Test func `new speech cancels the decision and the turn keeps both parts`() {
        let scene = Scenario()
        scene.transcribes = ("I would like", .milliseconds(20))
        scene.caller.speaks(.milliseconds(600))
        scene.caller.isSilent(.milliseconds(400))
        scene.transcribes = ("a large pizza", .milliseconds(20))
        scene.caller.speaks(.milliseconds(600))
        scene.caller.isSilent(.seconds(1))
        #expect(scene.commits.map(\.text) == ["I would like a large pizza"])
    }

    @Test func `an unfinished sentence is given 400 ms more`() {
        let scene = Scenario()
        scene.transcribes = ("I'd like a table for", .milliseconds(20))
        scene.caller.speaks(.seconds(1))
        let lastSpeech = scene.now
        scene.caller.isSilent(.seconds(2))
        #expect(scene.commits.map(\.at) == [lastSpeech + .milliseconds(900)])
    }

    @Test func `the turn stage is asked after 200 ms and its answer moves the commit`() {
        for (probability, delay) in [(Float(0.9), 300), (0.1, 2500)] {
            let scene = Scenario { $0.hasTurnStage = true }
            scene.transcribes = ("my number is", .milliseconds(1))
            scene.caller.speaks(.seconds(1))
            let lastSpeech = scene.now
            scene.stt.partial("book it please")
            scene.transcribes = ("book it please", .milliseconds(1))
            scene.caller.isSilent(.milliseconds(220))
            let asked = scene.instants { if case .judgeTurn = $0 { true } else { false } }
            #expect(asked.first == lastSpeech + .milliseconds(200))
            scene.give(.turnVerdict(utterance: scene.stt.utterance, probability: probability))
            scene.caller.isSilent(.seconds(3))
            let late = (scene.commits.first?.at ?? .zero) - lastSpeech
            #expect(late >= .milliseconds(delay) && late <= .milliseconds(delay + 20))
            #expect(scene.commits.first?.source == .detector)
        }
    }

    @Test func `a turn stage that never answers leaves the decision to silence`() {
        let scene = Scenario { $0.hasTurnStage = true }
        scene.transcribes = ("book it please", .milliseconds(1))
        scene.caller.speaks(.seconds(1))
        let lastSpeech = scene.now
        scene.caller.isSilent(.seconds(2))
        let late = (scene.commits.first?.at ?? .zero) - lastSpeech
        #expect(late >= .milliseconds(500) && late <= .milliseconds(640))
        #expect(scene.commits.first?.source == .silence)
    }

    @Test func `when the final never comes the partial is committed after 5 s`() {
        let scene = Scenario()
        scene.caller.speaks(.seconds(1))
        scene.stt.partial("what time")
        scene.caller.isSilent(.seconds(6))
        #expect(scene.commits.map(\.text) == ["what time"])
        #expect(scene.commits.first?.source == .timeout)
    }

    @Test func `noise without words is no turn`() {
        let scene = Scenario()
        scene.transcribes = ("", .milliseconds(30))
        scene.caller.speaks(.milliseconds(300))
        scene.caller.isSilent(.seconds(2))
        #expect(scene.commits.isEmpty)
        #expect(scene.conversation.userState == .listening)
    }

    @Test func `a client that mutes itself while speaking still gets its answer`() {
        let scene = Scenario()
        scene.transcribes = ("what time is it", .milliseconds(30))
        scene.caller.speaks(.seconds(1))
        scene.caller.sendsNothing(.seconds(3))
        #expect(scene.commits.map(\.text) == ["what time is it"])
        // 1 s until the audio counts as missing, then the usual delay.
        #expect((scene.commits.first?.at ?? .zero) <= scene.now - .milliseconds(1490))
    }

    @Test func `dynamic endpointing learns a caller's pauses of 700 ms`() {
        func falseEnds(dynamic: Bool) -> Int {
            let scene = Scenario { $0.endpointing.dynamic = dynamic }
            scene.transcribes = ("seven", .milliseconds(20))
            for _ in 0..<8 {
                scene.caller.speaks(.milliseconds(500))
                scene.caller.isSilent(.milliseconds(700))
            }
            return scene.commits.count
        }
        #expect(falseEnds(dynamic: false) >= 7)
        #expect(falseEnds(dynamic: true) <= 3)
    }
}
