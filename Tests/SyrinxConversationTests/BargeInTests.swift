// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// The caller speaks while the agent does.
@Suite struct BargeInTests {
    /// The agent is in the middle of a long answer.
    private func speaking(_ change: (inout Options) -> Void = { _ in }) -> Scenario {
        let scene = Scenario(change)
        scene.caller.says("tell me a story")
        scene.agent.answers(Self.story)
        scene.caller.isSilent(.seconds(2))
        #expect(scene.conversation.agentState == .speaking)
        return scene
    }

    private static let story =
        "Once upon a time there was a small bird. It lived in a tall tree by the river. Every morning it sang."

    @Test func `the voice is ducked by 12 dB within 20 ms of the candidate and restored when it was nothing`() {
        let scene = speaking()
        let onset = scene.now
        scene.caller.speaks(.milliseconds(140))
        let ducked = scene.frames.first { $0.gain.to == 0.25 }
        #expect(ducked.map { $0.at <= onset + .milliseconds(80) } == true)
        #expect(ducked?.gain.from == 1)
        scene.transcribes = ("", .milliseconds(20))
        scene.caller.isSilent(.milliseconds(500))
        #expect(scene.frames.last?.gain == .unity)
        #expect(scene.conversation.agentState == .speaking)
    }

    @Test func `a cough pauses, then the agent goes on at the exact sample`() {
        let scene = speaking()
        let before = scene.conversation.history
        scene.caller.speaks(.milliseconds(500))
        #expect(scene.has(.interruptionCandidate))
        #expect(scene.conversation.agentState == .paused)
        scene.transcribes = ("", .milliseconds(50))
        scene.caller.isSilent(.seconds(9))
        #expect(scene.has(.interruptionFalse(resumed: true)))
        #expect(scene.conversation.history.prefix(before.count).elementsEqual(before))
        var next: [UInt64: Int] = [:]
        for piece in scene.pieces {
            #expect(piece.offset == next[piece.clause, default: 0])
            next[piece.clause] = piece.offset + piece.samples
        }
        #expect(scene.reports.map(\.outcome) == [.answered])
        #expect(scene.reports.first?.heard == Self.story)
    }

    @Test func `without any transcript the agent goes on 2 s after the noise`() {
        let scene = speaking()
        scene.caller.speaks(.milliseconds(500))
        let end = scene.now + .milliseconds(300)
        scene.caller.isSilent(.seconds(3))
        #expect(scene.instant(of: .interruptionFalse(resumed: true)) == end + .seconds(2))
    }

    @Test func `mm-hm lets the agent go on, is remembered and not answered`() {
        let scene = speaking()
        scene.transcribes = ("Mm-hm.", .milliseconds(50))
        scene.caller.speaks(.milliseconds(350))
        scene.caller.isSilent(.seconds(8))
        #expect(scene.prompts.count == 1)
        #expect(scene.conversation.counters.interruptions == 0)
        #expect(scene.story.contains("user (backchannel): Mm-hm."))
        #expect(scene.reports.map(\.outcome) == [.answered])
    }

    @Test func `stop stops, in every language of the lexicon`() {
        for (language, word) in [
            ("en-US", "please stop"), ("de", "Stopp!"), ("fr", "arrêtez"), ("es", "espera"), ("it", "basta"),
            ("pt", "pare"), ("nl", "wacht even"),
        ] {
            let scene = speaking { $0.language = language }
            scene.caller.speaks(.milliseconds(200))
            scene.stt.partial(word)
            #expect(scene.conversation.counters.interruptions == 1, "\(language)")
            let cut = scene.now
            scene.caller.isSilent(.seconds(1))
            #expect(scene.frames.allSatisfy { $0.at <= cut })
        }
    }

    @Test func `words over the agent interrupt it, tell the transport, and become the next turn`() {
        let scene = speaking()
        let generation = scene.agent.generation
        scene.transcribes = ("no, another story", .milliseconds(40))
        scene.caller.speaks(.milliseconds(900))
        let pausedFrames = scene.frames.count
        scene.caller.isSilent(.seconds(1))
        #expect(scene.frames.count == pausedFrames)
        let order = scene.record.map(\.action)
        let clear = order.firstIndex(of: .clear(generation: generation))
        let cancel = order.firstIndex(of: .cancelSpeech(generation: generation))
        #expect(clear.flatMap { clear in cancel.map { clear < $0 } } == true)
        #expect(scene.reports.map(\.outcome) == [.interrupted])
        #expect(scene.prompts.map(\.text) == ["tell me a story", "no, another story"])
        #expect(scene.conversation.history.map(\.interrupted) == [false, true])
    }

    @Test func `fifty barge-ins in a row each stop the voice within the window and 40 ms`() {
        let scene = Scenario { $0.interruption.pauseAndResume = false }
        scene.caller.says("begin")
        for round in 1...50 {
            scene.agent.answers(Self.story)
            scene.caller.isSilent(.seconds(1))
            #expect(scene.conversation.agentState == .speaking)
            let onset = scene.now
            scene.caller.says("another one", for: .milliseconds(500))
            let last = scene.frames.last?.at ?? .zero
            #expect(last - onset <= .milliseconds(440), "round \(round)")
            #expect(scene.conversation.counters.interruptions == round)
        }
        #expect(scene.reports.count == 50)
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `without pause and resume the cut comes in the very call that completes 400 ms`() {
        let scene = speaking { $0.interruption.pauseAndResume = false }
        let onset = scene.now
        scene.caller.speaks(.milliseconds(400))
        let confirmed = scene.events.contains { if case .interruptionConfirmed = $0 { true } else { false } }
        #expect(confirmed)
        #expect(scene.instants { if case .clear = $0 { true } else { false } } == [onset + .milliseconds(400)])
        #expect(!scene.has(.interruptionCandidate))
    }

    @Test func `with a minimum of two words one word does not pause`() {
        let scene = speaking { $0.interruption.minWords = 2 }
        scene.caller.speaks(.milliseconds(500))
        scene.stt.partial("banana")
        scene.caller.speaks(.milliseconds(100))
        #expect(scene.conversation.agentState == .speaking)
        scene.stt.partial("banana bread")
        scene.caller.speaks(.milliseconds(40))
        #expect(scene.conversation.agentState == .paused)
    }

    @Test func `near the start of the agent's speech a backchannel does not even pause`() {
        let scene = Scenario()
        scene.caller.says("tell me a story")
        scene.agent.answers(Self.story)
        scene.caller.isSilent(.milliseconds(200))
        scene.caller.speaks(.milliseconds(300))
        scene.stt.partial("okay")
        scene.caller.speaks(.milliseconds(300))
        #expect(!scene.has(.interruptionCandidate))
    }

    @Test func `a legal notice cannot be cut, and what is said over it is dropped`() {
        let scene = Scenario()
        scene.app.says(
            "This call is recorded for quality and training purposes, as the law requires.",
            interruptible: false
        )
        scene.caller.isSilent(.milliseconds(500))
        scene.caller.says("stop stop stop", for: .milliseconds(1000))
        #expect(scene.commits.isEmpty)
        #expect(scene.warnings == ["turn.dropped"])
        scene.app.interrupts()
        scene.caller.isSilent(.seconds(6))
        #expect(scene.events.contains { if case .speechFinished(1, _, _, false) = $0 { true } else { false } })
    }

    @Test func `with policy queue the turn is answered after the notice`() {
        let scene = Scenario { $0.interruption.uninterruptiblePolicy = .queue }
        scene.app.says("This call is recorded for quality and training purposes.", interruptible: false)
        scene.caller.isSilent(.milliseconds(500))
        scene.caller.says("what time is it")
        #expect(scene.prompts.count == 1)
        scene.agent.answers("It is noon.")
        scene.caller.isSilent(.seconds(8))
        #expect(scene.clauses.last == "It is noon.")
        #expect(scene.reports.map(\.outcome) == [.answered])
        #expect(scene.conversation.counters.interruptions == 0)
    }

    @Test func `during echo cancellation warm-up the microphone does not interrupt`() {
        let scene = Scenario {
            $0.interruption.aecWarmUp = .seconds(3)
            $0.greeting = "Hello and welcome to this service, where you can ask me anything you like about birds."
        }
        scene.caller.isSilent(.milliseconds(200))
        scene.caller.speaks(.seconds(2))
        #expect(!scene.has(.userSpeechStarted))
        #expect(scene.conversation.agentState == .speaking)
        scene.caller.speaks(.milliseconds(1500))
        #expect(scene.conversation.agentState == .paused)
    }

    @Test func `speech before the answer has begun replaces the answer`() {
        let scene = Scenario()
        scene.caller.says("I want to book")
        scene.caller.says("a table for two")
        #expect(scene.reports.map(\.outcome) == [.interrupted])
        #expect(scene.prompts.map(\.text) == ["I want to book", "a table for two"])
        #expect(scene.frames.isEmpty)
    }
}
