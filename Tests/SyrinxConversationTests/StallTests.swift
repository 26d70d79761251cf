// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// A synthesiser is late only when the conversation has nothing left to play: one that was told to wait is not.
@Suite struct StallTests {
    private static let answer =
        "This one clause is a very long one and it goes on for so long that no credit holds all of it at once."

    /// The agent is in the middle of a clause that is longer than the synthesiser's credit.
    private func speaking(secondsPerCharacter: Double = 0.2) -> Scenario {
        let scene = Scenario()
        scene.synthesisCredit = .seconds(5)
        scene.secondsPerCharacter = secondsPerCharacter
        scene.caller.says("tell me")
        scene.agent.answers(Self.answer)
        scene.caller.isSilent(.seconds(3))
        #expect(scene.conversation.agentState == .speaking)
        return scene
    }

    @Test(arguments: [3, 8, 30])
    func `a pause is no fault of a synthesiser that waits for credit`(seconds: Int) {
        let scene = speaking()
        // The noise lasts as long as the pause.
        scene.caller.speaks(.seconds(seconds))
        #expect(scene.conversation.agentState == .paused)
        scene.transcribes = ("", .milliseconds(50))
        scene.caller.isSilent(.seconds(30))
        #expect(scene.has(.interruptionFalse(resumed: true)))
        #expect(scene.reports.map(\.outcome) == [.answered])
        #expect(scene.reports.first?.heard == Self.answer)
        #expect(scene.conversation.counters.underruns == 0)
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `a speaker that floods is held back for as long as the agent is paused, and goes on after it`() {
        let scene = speaking(secondsPerCharacter: 100)
        scene.caller.speaks(.seconds(20))
        let paused = scene.frames.count
        scene.transcribes = ("", .milliseconds(50))
        scene.caller.isSilent(.seconds(20))
        #expect(scene.frames.count > paused + 500)
        #expect(scene.reports.isEmpty)
        scene.app.interrupts()
        #expect(scene.reports.map(\.outcome) == [.interrupted])
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `a synthesiser that stops in the middle has 5 s from the last sound that was there`() {
        let scene = Scenario()
        scene.synthesises = false
        scene.caller.types("hello")
        scene.agent.answers(Self.answer)
        // 3 s of sound, of which the last frame leaves 100 ms early: nothing is left after 2.9 s.
        scene.give(.speech(generation: 1, clause: 1, samples: 72_000))
        scene.pass(.milliseconds(7890))
        #expect(scene.reports.isEmpty)
        scene.pass(.milliseconds(20))
        #expect(scene.reports.map(\.failure) == ["speech.timeout"])
        #expect(scene.reports.first?.heard.isEmpty == false)
    }

    @Test func `the next clause may be late for as long as the one before is played`() {
        let scene = Scenario()
        scene.synthesises = false
        scene.caller.types("hello")
        scene.agent.answers("This is the first one of two. And this is the second.")
        scene.give(.speech(generation: 1, clause: 1, samples: 240_000))
        scene.give(.speechDone(generation: 1, clause: 1))
        scene.pass(.seconds(10))
        #expect(scene.reports.isEmpty)
        scene.pass(.milliseconds(2400))
        #expect(scene.reports.map(\.failure) == ["speech.timeout"])
    }
}
