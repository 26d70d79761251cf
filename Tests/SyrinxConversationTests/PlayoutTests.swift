// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// 7.1 "output lead", 7.5: frames on the line.
@Suite struct PlayoutTests {
    private func scene(_ samples: [Int], _ change: (inout Options) -> Void = { _ in }) -> Scenario {
        let scene = Scenario(change)
        scene.synthesises = false
        scene.caller.types("hello")
        scene.agent.answers("One short clause.")
        for count in samples { scene.give(.speech(generation: 1, clause: 1, samples: count)) }
        return scene
    }

    @Test func `five frames leave at once, then one every 20 ms`() {
        let scene = scene([24_000])
        let start = scene.now
        #expect(scene.frames.count == 5)
        scene.pass(.milliseconds(100))
        #expect(scene.frames.dropFirst(5).map(\.at) == (1...5).map { start + .milliseconds($0 * 20) })
    }

    @Test func `a caller whose connection broke hears the rest when he is back, and nothing twice`() {
        let scene = scene([4800])
        scene.pass(.milliseconds(40))
        #expect(scene.frames.count == 7)
        scene.give(.callerLost)
        scene.give(.speechDone(generation: 1, clause: 1))
        scene.pass(.seconds(20))
        #expect(scene.frames.count == 7 && scene.reports.isEmpty)
        scene.give(.callerBack)
        scene.pass(.seconds(1))
        #expect(scene.frames.count == 10)
        #expect(scene.pieces.map(\.offset) == (0..<10).map { $0 * 480 })
        #expect(scene.reports.map(\.outcome) == [.answered])
    }

    @Test func `the last frame of a speech may be partial, and only the last`() {
        let scene = scene([1000])
        #expect(scene.pieces.map(\.samples) == [480, 480])
        scene.give(.speechDone(generation: 1, clause: 1))
        #expect(scene.pieces.map(\.samples) == [480, 480, 40])
        scene.pass(.milliseconds(60))
        #expect(scene.reports.map(\.outcome) == [.answered])
    }

    @Test func `two clauses share a frame where they meet`() {
        let scene = Scenario()
        scene.synthesises = false
        scene.caller.types("hello")
        scene.agent.answers("This is the first one. And this is the second one.")
        for clause in [UInt64(1), 2] {
            scene.give(.speech(generation: 1, clause: clause, samples: 600))
            scene.give(.speechDone(generation: 1, clause: clause))
        }
        #expect(scene.pieces.map(\.samples) == [480, 120, 360, 240])
        #expect(scene.frames.count == 3)
    }

    @Test func `a slow synthesiser makes a gap, not a short frame, and no burst after it`() {
        let scene = scene([2400 + 100])
        scene.pass(.milliseconds(500))
        #expect(scene.frames.count == 5)
        #expect(scene.conversation.counters.underruns == 0)
        scene.pass(.zero)
        scene.give(.speech(generation: 1, clause: 1, samples: 24_000))
        #expect(scene.frames.count == 10)
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `a stalled event loop does not catch up by more than the lead`() {
        var conversation = Conversation(options: Options())
        var actions: [Action] = []
        func give(_ input: Input, _ milliseconds: Int64) -> Int {
            actions.removeAll()
            conversation.handle(input, at: Instant(nanoseconds: milliseconds * 1_000_000), into: &actions)
            return actions.count { if case .sendFrame = $0 { true } else { false } }
        }
        _ = give(.start, 0)
        _ = give(.callerText("hi"), 0)
        _ = give(.delta(generation: 1, text: "A long answer."), 0)
        _ = give(.agentDone(generation: 1, hangUp: false), 0)
        #expect(give(.speech(generation: 1, clause: 1, samples: 240_000), 0) == 5)
        #expect(give(.tick, 3000) == 5)
        #expect(give(.tick, 3010) == 0)
        #expect(give(.tick, 3020) == 1)
    }

    @Test func `a speech is over when the client has played it, or 350 ms after it should have`() {
        for acknowledges in [true, false] {
            let scene = scene([4800])
            scene.give(.speechDone(generation: 1, clause: 1))
            scene.give(.played(samples: 480))
            scene.pass(.milliseconds(250))
            #expect(scene.reports.isEmpty)
            if acknowledges { scene.give(.played(samples: 4800)) }
            scene.pass(.milliseconds(310))
            #expect(scene.reports.count == 1)
            #expect(
                scene.record.last { if case .event(.turnEnded) = $0.action { true } else { false } }
                    .map {
                        acknowledges ? $0.at < scene.now - .milliseconds(300) : $0.at == scene.now - .milliseconds(10)
                    }
                    == true
            )
        }
    }

    @Test func `clauses without a sample do not hold up the one behind them`() {
        let scene = Scenario()
        scene.synthesises = false
        scene.caller.types("hello")
        scene.agent.answers("One sentence stands here. A second one as well. And a third one, too. This is the fourth.")
        scene.give(.speech(generation: 1, clause: 1, samples: 4800))
        for clause in 1...3 { scene.give(.speechDone(generation: 1, clause: UInt64(clause))) }
        scene.pass(.seconds(1))
        #expect(scene.clauses.count == 4)
        scene.give(.speechDone(generation: 1, clause: 4))
        scene.pass(.seconds(1))
        #expect(scene.reports.map(\.outcome) == [.answered])
    }

    @Test func `a last clause without a sample ends with the one in front of it`() {
        let scene = Scenario()
        scene.synthesises = false
        scene.caller.types("hello")
        scene.agent.answers("One sentence stands here. A second one as well.")
        scene.give(.speech(generation: 1, clause: 1, samples: 4800))
        for clause in 1...2 { scene.give(.speechDone(generation: 1, clause: UInt64(clause))) }
        scene.pass(.seconds(1))
        #expect(scene.reports.map(\.outcome) == [.answered])
    }

    @Test func `audio is released when its clause has been played`() {
        let scene = scene([4800])
        let release = Action.releaseAudio(generation: 1, clause: 1, before: .max)
        scene.give(.speechDone(generation: 1, clause: 1))
        #expect(!scene.record.contains { $0.action == release })
        scene.pass(.milliseconds(200))
        #expect(scene.record.count { $0.action == release } == 1)
    }

    @Test func `the synthesiser is never more than two clauses or 10 s ahead`() {
        let scene = Scenario()
        scene.synthesises = false
        scene.caller.types("hello")
        scene.agent.answers(String(repeating: "This is one of many sentences. ", count: 10))
        #expect(scene.clauses.count == 3)
        scene.give(.speech(generation: 1, clause: 1, samples: 480 * 2))
        scene.give(.speechDone(generation: 1, clause: 1))
        scene.pass(.milliseconds(100))
        #expect(scene.clauses.count <= 4)
    }

    @Test func `higher priority goes first, and equals go in order`() {
        let scene = Scenario()
        scene.app.says("The one that plays now.", id: 1)
        scene.app.says("A normal line.", id: 2)
        scene.app.says("A low line.", id: 3, priority: .low)
        scene.app.says("An urgent line.", id: 4, priority: .high)
        scene.app.says("Another normal line.", id: 5)
        scene.pass(.seconds(20))
        let finished = scene.events.compactMap { event -> UInt64? in
            if case .speechFinished(let id, _, _, _) = event { id } else { nil }
        }
        #expect(finished == [1, 4, 2, 5, 3])
    }

    @Test func `more than 32 waiting speeches are refused with a warning`() {
        let scene = Scenario()
        for id in 1...40 { scene.app.says("Something to say.", id: UInt64(id)) }
        #expect(scene.warnings.count { $0 == "speech.queue_full" } == 7)
        #expect(scene.events.contains { if case .speechFinished(40, _, "", true) = $0 { true } else { false } })
    }
}
