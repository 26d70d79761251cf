// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// How sessions begin and end.
@Suite struct LifecycleTests {
    @Test func `the caller is away 15 s after the agent stops, and returns by speaking`() {
        let scene = Scenario { $0.greeting = "Hello." }
        scene.caller.isSilent(.seconds(16))
        let stopped = scene.instants { if case .event(.speechFinished) = $0 { true } else { false } }.first ?? .zero
        #expect(scene.instant(of: .userAway) == stopped + .seconds(15))
        #expect(scene.conversation.pipelineState == .away)
        scene.caller.speaks(.milliseconds(200))
        #expect(scene.has(.userReturned))
        #expect(scene.conversation.userState == .speaking)
    }

    @Test func `an idle session closes after 300 s, re-prompts or not`() {
        for reprompts in [false, true] {
            let scene = Scenario()
            let start = scene.now
            scene.caller.sendsNothing(.seconds(20))
            if reprompts { scene.app.says("Are you still there?") }
            scene.caller.sendsNothing(.seconds(290))
            #expect(scene.closed?.reason == .idleTimeout)
            let late = (scene.closed?.at ?? .zero) - (start + .seconds(300))
            #expect(late >= .zero && late <= .milliseconds(100))
        }
    }

    @Test func `activity keeps the session alive until its longest duration`() {
        let scene = Scenario { $0.timeouts.maxDuration = .seconds(600) }
        let start = scene.now
        for _ in 0..<8 {
            scene.caller.types("still here")
            scene.agent.answers("Good to hear.")
            scene.pass(.seconds(100))
        }
        #expect(scene.closed?.reason == .maxDuration)
        #expect((scene.closed?.at ?? .zero) - start <= .milliseconds(600_100))
    }

    @Test func `a session whose stages never open ends by itself`() {
        let scene = Scenario(started: false)
        scene.give(.tick)
        #expect(scene.conversation.sessionState == .starting)
        scene.pass(.seconds(20))
        #expect(scene.closed?.reason == .startTimeout)
    }

    @Test func `a stage that ignores its end is left behind after 2 s`() {
        let scene = Scenario()
        scene.closesStages = false
        scene.caller.types("hello")
        scene.app.closes()
        let asked = scene.now
        scene.pass(.seconds(5))
        #expect(scene.closed?.at == asked + .seconds(2))
        #expect(scene.closed?.leaked == true)
        #expect(scene.reports.map(\.outcome) == [.interrupted])
    }

    @Test func `closing is legal at any time and the first reason stays`() {
        for moment in 0..<5 {
            let scene = Scenario(started: moment > 0)
            if moment > 1 { scene.caller.types("hello") }
            if moment > 2 { scene.agent.answers("A long and winding answer to it.") }
            if moment > 3 { scene.pass(.milliseconds(500)) }
            scene.app.closes(.userHangup)
            scene.app.closes(.admin)
            scene.pass(.seconds(1))
            let before = scene.record.count
            scene.caller.types("anyone there?")
            scene.give(.stagesClosed)
            #expect(scene.record.count == before)
            #expect(scene.closed?.reason == .userHangup)
            #expect(scene.count(.closed(reason: .userHangup)) == 1)
            #expect(scene.conversation.deadline == .distantFuture)
            #expect(scene.conversation.pipelineState == .ended)
        }
    }

    @Test func `an agent that hangs up is heard to the end first`() {
        let scene = Scenario()
        scene.caller.types("bye")
        scene.agent.streams("Goodbye, and thank you for calling.")
        scene.agent.isDone(hangUp: true)
        scene.pass(.seconds(5))
        #expect(scene.reports.first?.heard == "Goodbye, and thank you for calling.")
        #expect(scene.closed?.reason == .agentEnded)
    }

    @Test func `a line queued before the start is said after it`() {
        let scene = Scenario(started: false)
        scene.app.says("Welcome aboard.")
        #expect(scene.clauses.isEmpty)
        scene.give(.start)
        #expect(scene.clauses == ["Welcome aboard."])
    }

    @Test func `hostile numbers do no harm`() {
        let scene = Scenario()
        for id in [UInt64.zero, 1, .max] {
            for value in [Int.min, -1, 0, .max] {
                scene.give(.audio(samples: value, probability: .nan))
                scene.give(.played(samples: value))
                scene.give(.speech(generation: id, clause: id, samples: value))
                scene.give(.speechMark(generation: id, clause: id, byteOffset: value, sampleOffset: value))
            }
        }
        scene.caller.types("hello")
        scene.agent.answers("Still here, still well.")
        for value in [Int.min, -1, .max] {
            scene.give(
                .speechMark(generation: scene.agent.generation, clause: 1, byteOffset: value, sampleOffset: value)
            )
        }
        scene.pass(.milliseconds(700))
        scene.app.interrupts()
        #expect(scene.reports.count == 1)
        #expect(scene.invariants.violations.isEmpty)
    }
}
