// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// A synthesiser's stream dies in the middle of an answer: what was not heard is asked for once more.
@Suite struct SynthesisFailureTests {
    private static let first = "one two three four five six seven eight nine ten."
    private static let answer = first + " And this is the second of two sentences."

    /// Two clauses are asked for; of the first, `seconds` of audio have come at 250 ms a word.
    private func scene(seconds: Double, marks: Bool, _ change: (inout Options) -> Void = { _ in }) -> Scenario {
        let scene = Scenario {
            $0.outputRate = 16_000
            change(&$0)
        }
        scene.synthesises = false
        scene.caller.types("count")
        scene.agent.answers(Self.answer)
        #expect(scene.clauses.count == 2)
        if marks {
            for (index, word) in Self.first.split(separator: " ").enumerated() where Double(index) * 0.25 <= seconds {
                let byte = word.startIndex.utf16Offset(in: Self.first)
                scene.give(.speechMark(generation: 1, clause: 1, byteOffset: byte, sampleOffset: index * 4000))
            }
        }
        scene.give(.speech(generation: 1, clause: 1, samples: Int(seconds * 16_000)))
        return scene
    }

    private func fails(_ scene: Scenario, clause: UInt64 = 1, retryable: Bool = true) {
        scene.give(.speechFailed(generation: 1, clause: clause, code: "tts.lost", retryable: retryable))
    }

    @Test func `with marks it goes on at the word that was begun, without a gap`() {
        let scene = scene(seconds: 1.1, marks: true)
        scene.pass(.milliseconds(300))
        fails(scene)
        #expect(
            Array(scene.clauses.dropFirst(2)) == [
                "five six seven eight nine ten.", "And this is the second of two sentences.",
            ])
        #expect(scene.record.contains { $0.action == .abandonSynthesis(generation: 1, again: 2) })
        scene.give(.speech(generation: 2, clause: 3, samples: 24_000))
        scene.give(.speechDone(generation: 2, clause: 3))
        scene.pass(.seconds(1))
        // Of the first attempt one second is heard, to the end of "four".
        #expect(scene.pieces.filter { $0.clause == 1 }.map(\.samples).reduce(0, +) == 16_000)
        #expect(scene.conversation.counters.underruns == 0)
        scene.give(.speech(generation: 2, clause: 4, samples: 16_000))
        scene.give(.speechDone(generation: 2, clause: 4))
        scene.pass(.seconds(5))
        #expect(scene.reports.map(\.outcome) == [.answered])
        #expect(scene.reports.first?.heard == Self.answer)
        #expect(scene.warnings == ["speech.repeated"])
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `without marks it goes on after the words that were certainly heard`() {
        let scene = scene(seconds: 2, marks: false)
        scene.pass(.milliseconds(900))
        fails(scene)
        let sent = scene.pieces.map(\.samples).reduce(0, +)
        let again = scene.clauses[2]
        #expect(Self.first.hasSuffix(again))
        // Slow speech is assumed: of 1 s not more than 12 characters, nor less by more than a word.
        let heard = Self.first.count - again.count
        #expect((4...12).contains(heard))
        scene.give(.speech(generation: 2, clause: 3, samples: 24_000))
        scene.give(.speechDone(generation: 2, clause: 3))
        scene.pass(.seconds(1))
        #expect(scene.pieces.filter { $0.clause == 1 }.map(\.samples).reduce(0, +) == sent)
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `in a pause it is asked for at once, and played after the pause`() {
        let scene = Scenario { $0.outputRate = 16_000 }
        scene.synthesises = false
        scene.caller.says("count")
        scene.agent.answers(Self.first)
        scene.give(.speech(generation: 1, clause: 1, samples: 48_000))
        scene.caller.isSilent(.milliseconds(200))
        scene.caller.speaks(.milliseconds(500))
        #expect(scene.conversation.agentState == .paused)
        fails(scene)
        #expect(scene.clauses.count == 2)
        // The synthesiser's credit is not held by audio that nobody will hear.
        #expect(scene.record.contains { $0.action == .releaseAudio(generation: 1, clause: 1, before: .max) })
        scene.give(.speech(generation: 2, clause: 2, samples: 24_000))
        scene.give(.speechDone(generation: 2, clause: 2))
        let before = scene.frames.count
        scene.transcribes = ("", .milliseconds(50))
        scene.caller.isSilent(.seconds(1))
        #expect(scene.has(.interruptionFalse(resumed: true)))
        #expect(scene.frames.count > before)
        scene.caller.isSilent(.seconds(4))
        #expect(scene.reports.map(\.outcome) == [.answered])
        #expect(scene.reports.first?.heard == Self.first)
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `a clause that fails twice fails the turn`() {
        let scene = scene(seconds: 1, marks: true)
        fails(scene)
        let (generation, clause) = scene.newestClause
        scene.give(.speechFailed(generation: generation, clause: clause, code: "tts.lost", retryable: true))
        #expect(scene.reports.map(\.failure) == ["tts.lost"])
        #expect(scene.clauses.count == 4)
        scene.pass(.seconds(1))
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `what cannot be retried fails the turn at once`() {
        let scene = scene(seconds: 1, marks: true)
        fails(scene, retryable: false)
        #expect(scene.reports.map(\.failure) == ["tts.lost"])
        #expect(scene.clauses.count == 2)
    }

    @Test func `a later clause that fails leaves the one that plays alone`() {
        let scene = scene(seconds: 3, marks: false)
        scene.give(.speechDone(generation: 1, clause: 1))
        scene.pass(.milliseconds(500))
        fails(scene, clause: 2)
        #expect(Array(scene.clauses.dropFirst(2)) == ["And this is the second of two sentences."])
        scene.pass(.milliseconds(1500))
        #expect(scene.frames.count == 105)
        #expect(scene.reports.isEmpty)
    }

    @Test func `the ends of an abandoned attempt, and failures of what is complete, are counted and nothing else`() {
        let scene = scene(seconds: 3, marks: false)
        scene.give(.speechDone(generation: 1, clause: 1))
        fails(scene)
        #expect(scene.conversation.counters.stale == 1)
        fails(scene, clause: 2)
        let asked = scene.clauses.count
        fails(scene, clause: 2)
        scene.give(.speech(generation: 1, clause: 2, samples: 4000))
        scene.give(.speechDone(generation: 1, clause: 2))
        #expect(scene.conversation.counters.stale == 4)
        #expect(scene.clauses.count == asked)
        #expect(scene.reports.isEmpty)
    }

    @Test func `a line of the application is repeated, too`() {
        let scene = Scenario { $0.outputRate = 16_000 }
        scene.synthesises = false
        scene.app.says("Thank you for waiting so long.")
        fails(scene)
        #expect(scene.clauses == ["Thank you for waiting so long.", "Thank you for waiting so long."])
        scene.give(.speech(generation: 2, clause: 2, samples: 8000))
        scene.give(.speechDone(generation: 2, clause: 2))
        scene.pass(.seconds(1))
        #expect(scene.story == ["assistant: Thank you for waiting so long."])
    }
}
