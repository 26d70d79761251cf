// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// The caller of a slow agent does not meet silence.
@Suite struct FillerTests {
    private func scene(_ change: (inout Options) -> Void = { _ in }) -> Scenario {
        Scenario {
            $0.filler = FillerOptions(after: .milliseconds(1500), lines: ["One moment, please.", "Let me see."])
            change(&$0)
        }
    }

    @Test func `a slow agent is bridged by one line, and the answer follows in order`() {
        let scene = scene()
        scene.caller.types("is there a table?")
        scene.pass(.milliseconds(1499))
        #expect(scene.clauses.isEmpty)
        scene.pass(.milliseconds(500))
        #expect(scene.clauses == ["One moment, please."])
        #expect(scene.conversation.agentState == .speaking)
        scene.agent.answers("Yes, at eight o'clock.")
        scene.pass(.seconds(4))
        #expect(scene.clauses == ["One moment, please.", "Yes, at eight o'clock."])
        #expect(scene.story == ["user: is there a table?", "assistant: Yes, at eight o'clock."])
        #expect(scene.reports.map(\.outcome) == [.answered])
        #expect(scene.reports.map(\.heard) == ["Yes, at eight o'clock."])
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `the turn's latency ends with the answer, not with the filler`() {
        let scene = scene()
        scene.caller.types("is there a table?")
        scene.pass(.seconds(4))
        let answered = scene.now
        scene.agent.answers("Yes, at eight.")
        scene.pass(.seconds(3))
        #expect(scene.reports.first?.timeline.firstToken == answered)
        #expect(scene.reports.first?.timeline.firstAudio.map { $0 >= answered } == true)
    }

    @Test func `tool calls do not put the line off, and it is said once a turn, in turn`() {
        let scene = scene()
        for line in ["One moment, please.", "Let me see.", "One moment, please."] {
            scene.caller.types("look it up")
            scene.pass(.seconds(1))
            scene.agent.calls(1)
            scene.pass(.seconds(4))
            #expect(scene.clauses.last == line)
            scene.agent.answers("It is forty-two.")
            scene.pass(.seconds(3))
        }
        #expect(scene.clauses.count == 6)
    }

    @Test func `an agent that answers in time is not bridged`() {
        let scene = scene()
        scene.caller.types("hello")
        scene.pass(.milliseconds(1400))
        scene.agent.streams("Good morning. ")
        scene.pass(.seconds(4))
        #expect(scene.clauses == ["Good morning."])
    }

    @Test func `a line that has made no sound gives way to the answer`() {
        let scene = scene()
        scene.synthesisDelay = .milliseconds(400)
        scene.caller.types("hello")
        scene.pass(.milliseconds(1600))
        scene.agent.answers("Good morning.")
        scene.pass(.seconds(3))
        #expect(scene.pieces.reduce(0) { $0 + $1.samples } == 24_000 * 13 / 15)
        #expect(scene.reports.map(\.heard) == ["Good morning."])
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `the caller may speak over it`() {
        let scene = scene()
        scene.caller.says("is there a table")
        scene.caller.isSilent(.milliseconds(1600))
        #expect(scene.clauses == ["One moment, please."])
        scene.caller.says("never mind, goodbye")
        #expect(scene.reports.map(\.outcome) == [.interrupted])
        #expect(scene.prompts.map(\.text) == ["is there a table", "never mind, goodbye"])
        scene.agent.answers("Goodbye.")
        scene.caller.isSilent(.seconds(2))
        #expect(scene.story == ["user: is there a table", "user: never mind, goodbye", "assistant: Goodbye."])
    }

    @Test func `silence counts from the end of what the application says`() {
        let scene = scene()
        scene.caller.types("look it up")
        scene.app.says("I am looking it up for you right now.")
        scene.pass(.seconds(3))
        #expect(scene.clauses == ["I am looking it up for you right now."])
        scene.pass(.milliseconds(1400))
        #expect(scene.clauses.last == "One moment, please.")
    }

    @Test func `nothing is said unless lines are given`() {
        let scene = Scenario()
        scene.caller.types("hello")
        scene.pass(.seconds(4))
        #expect(scene.clauses.isEmpty)
    }

    @Test func `the options of a log from before are read`() throws {
        var recorder = ConversationRecorder(options: Options())
        let header = try #require(recorder.takeLines().first)
        #expect(!header.contains("filler"))
        #expect(Replay.verify([header]) == nil)
    }
}
