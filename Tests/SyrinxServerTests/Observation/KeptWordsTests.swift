// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxServer
import Testing

@Suite("Words of a call whose recording is paused")
struct KeptWordsTests {
    private enum Step {
        case spoken, keys, committed, ended, pause, resume
    }

    /// - Returns: of each turn that ended, whether its words are kept.
    private func kept(_ steps: [Step]) -> [Bool] {
        var words = KeptWords()
        var ends: [Bool] = []
        var turn = 0
        for step in steps {
            switch step {
            case .spoken: _ = words.note(.userSpeechStarted)
            case .keys: _ = words.note(.keysPressed(keys: "4"))
            case .committed:
                turn += 1
                _ = words.note(
                    .turnCommitted(turn: turn, text: "", endOfTurnDelay: .zero, source: .silence, probability: nil))
            case .ended:
                ends.append(
                    words.note(
                        .turnEnded(
                            TurnReport(
                                turn: turn, outcome: .answered, user: "", agent: "", heard: "", failure: nil,
                                timeline: TurnTimeline()))))
            case .pause: words.pause(true)
            case .resume: words.pause(false)
            }
        }
        return ends
    }

    @Test func `are kept when the pause was over before they began`() {
        #expect(kept([.pause, .resume, .spoken, .committed, .ended]) == [true])
        #expect(kept([.spoken, .committed, .ended, .pause, .resume, .spoken, .committed, .ended]) == [true, true])
    }

    @Test func `are not kept when any part of them was said in a pause`() {
        #expect(kept([.pause, .spoken, .committed, .ended]) == [false])
        #expect(kept([.spoken, .pause, .resume, .committed, .ended]) == [false])
        #expect(kept([.pause, .spoken, .resume, .committed, .ended]) == [false])
        #expect(kept([.spoken, .committed, .pause, .resume, .ended]) == [false])
    }

    @Test func `are not kept of keys, though the turn that they make comes after the pause`() {
        #expect(kept([.pause, .keys, .resume, .committed, .ended]) == [false])
    }

    @Test func `are those of the turn that the pause fell into, also when the next has begun`() {
        #expect(
            kept([.spoken, .committed, .spoken, .pause, .resume, .ended, .committed, .ended]) == [false, false])
        #expect(
            kept([.spoken, .committed, .ended, .spoken, .pause, .resume, .committed, .ended]) == [true, false])
        #expect(
            kept([.committed, .pause, .spoken, .ended, .resume, .committed, .ended, .spoken, .committed, .ended])
                == [false, false, true])
    }
}
