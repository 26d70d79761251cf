// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// The answer itself: preemptive prompts, tools, failures, timeouts.
@Suite struct AgentTests {
    @Test func `a preemptive answer is reused when the transcript says the same`() {
        let scene = Scenario { $0.preemptive.enabled = true }
        scene.transcribes = ("What time is it?", .milliseconds(20))
        scene.caller.speaks(.seconds(1))
        scene.caller.isSilent(.milliseconds(340))
        #expect(scene.prompts.map(\.speculative) == [true])
        scene.give(.delta(generation: 1, text: "It is noon."))
        scene.give(.toolCall(generation: 1, call: 1, name: "clock", arguments: "{}"))
        #expect(scene.clauses.isEmpty)
        #expect(scene.conversation.history.isEmpty)
        #expect(!scene.record.contains { if case .runTool = $0.action { true } else { false } })
        scene.stt.final("")
        scene.caller.isSilent(.milliseconds(300))
        #expect(scene.prompts.count == 1)
        #expect(scene.commits.count == 1)
        #expect(scene.record.contains { if case .runTool(1, 1, _, _) = $0.action { true } else { false } })
        #expect(scene.events.contains(.agentText(turn: 1, generation: 1, text: "It is noon.")))
    }

    @Test func `a preemptive answer to other words is thrown away`() {
        let scene = Scenario { $0.preemptive.enabled = true }
        scene.transcribes = ("What time is it", .milliseconds(20))
        scene.caller.speaks(.seconds(1))
        scene.caller.isSilent(.milliseconds(340))
        scene.give(.delta(generation: 1, text: "It is noon."))
        scene.give(.final(utterance: 1, text: "in Tokyo?", confidence: 1))
        scene.caller.isSilent(.milliseconds(300))
        #expect(scene.prompts.map(\.text) == ["What time is it", "What time is it in Tokyo?"])
        #expect(scene.record.contains { $0.action == .cancelAgent(generation: 1) })
        scene.give(.agentDone(generation: 1, hangUp: true))
        #expect(!scene.conversation.sessionState.isOver)
    }

    @Test func `no more than three preemptive prompts are spent on one turn`() {
        let scene = Scenario { $0.preemptive.enabled = true }
        scene.transcribes = ("and", .milliseconds(20))
        for _ in 0..<6 {
            scene.caller.speaks(.milliseconds(400))
            scene.caller.isSilent(.milliseconds(400))
        }
        #expect(scene.prompts.count == 3)
    }

    @Test func `tools run, their results go back, and the third step is the last`() {
        let scene = Scenario()
        scene.caller.types("look it up")
        for step in 1...3 {
            scene.agent.calls(UInt64(step))
            scene.give(.toolResult(generation: 1, call: UInt64(step), text: "42", failed: false))
        }
        scene.agent.calls(4)
        let results = scene.record.compactMap { entry -> Bool? in
            if case .sendToolResult(_, _, _, let failed) = entry.action { failed } else { nil }
        }
        #expect(results == [false, false, false, true])
        scene.agent.answers("It is forty-two.")
        scene.pass(.seconds(3))
        #expect(scene.reports.map(\.outcome) == [.answered])
    }

    @Test func `calls beside one that stays open have an end, too`() {
        let scene = Scenario()
        scene.caller.types("look it up")
        scene.agent.calls(1)
        for call in UInt64(2)...100 {
            scene.agent.calls(call)
            scene.give(.toolResult(generation: 1, call: call, text: "42", failed: false))
        }
        #expect(scene.record.count { if case .runTool = $0.action { true } else { false } } == 48)
        #expect(scene.reports.map(\.failure) == ["agent.tool_limit"])
    }

    @Test func `an agent that never answers fails the turn after 5 s, and the caller is told`() {
        let scene = Scenario { $0.fallbackLine = "Sorry, say that again?" }
        scene.caller.types("hello")
        scene.pass(.milliseconds(4990))
        #expect(scene.reports.isEmpty)
        scene.pass(.milliseconds(20))
        #expect(scene.reports.map(\.failure) == ["agent.timeout"])
        #expect(scene.clauses == ["Sorry, say that again?"])
    }

    @Test func `a synthesiser without a first byte fails the turn after 2.5 s`() {
        let scene = Scenario()
        scene.synthesises = false
        scene.caller.types("hello")
        scene.agent.answers("Good morning.")
        scene.pass(.milliseconds(2510))
        #expect(scene.reports.map(\.failure) == ["speech.timeout"])
    }

    @Test func `three failures in a row close the session`() {
        let scene = Scenario()
        for _ in 0..<3 {
            scene.caller.types("hello")
            scene.agent.fails("agent.down")
        }
        scene.pass(.seconds(1))
        #expect(scene.reports.map(\.outcome) == [.failed, .failed, .failed])
        #expect(scene.closed?.reason == .providerFailed)
        #expect(scene.conversation.pipelineState == .error)
    }

    @Test func `an endless answer fails the turn at 64 KiB`() {
        let scene = Scenario()
        scene.caller.types("hello")
        for _ in 0..<70 { scene.agent.streams(String(repeating: "blah ", count: 200)) }
        #expect(scene.reports.map(\.failure) == ["agent.too_long"])
    }

    @Test func `answers of a cancelled generation are counted and not spoken`() {
        let scene = Scenario()
        scene.caller.types("first")
        scene.caller.types("second")
        let stale = scene.conversation.counters.stale
        scene.give(.delta(generation: 1, text: "Late answer to the first."))
        scene.give(.agentDone(generation: 1, hangUp: true))
        #expect(scene.conversation.counters.stale == stale + 2)
        #expect(scene.clauses.isEmpty)
        #expect(scene.conversation.agentState == .thinking)
    }

    @Test func `the timeline adds up from the end of speech to the first audio`() {
        let scene = Scenario()
        scene.transcribes = ("what time is it", .milliseconds(80))
        scene.caller.speaks(.seconds(1))
        let end = scene.now
        scene.caller.isSilent(.milliseconds(600))
        scene.agent.answers("It is noon.")
        scene.caller.isSilent(.seconds(2))
        let line = scene.reports.first?.timeline
        #expect(line?.speechEnd == end)
        #expect(line?.finalTranscript == end + .milliseconds(380))
        #expect(line?.turnDecided == end + .milliseconds(500))
        #expect(line?.firstToken == end + .milliseconds(600))
        #expect(line?.firstSpeechByte == end + .milliseconds(640))
        #expect(line?.firstAudio == line?.firstSpeechByte)
    }

    @Test func `a filler said while the agent thinks is not held up by the answer`() {
        let scene = Scenario()
        scene.caller.types("a hard question")
        scene.app.says("One moment please.")
        scene.pass(.milliseconds(100))
        #expect(scene.conversation.agentState == .speaking)
        scene.agent.answers("Here is the answer.")
        scene.pass(.seconds(5))
        #expect(
            scene.story == [
                "user: a hard question", "assistant: One moment please.", "assistant: Here is the answer.",
            ]
        )
    }
}
