// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// Who decides that a turn is complete, and sessions without audio.
@Suite struct TurnModeTests {
    @Test func `a session of typed text needs no audio at all`() {
        let scene = Scenario()
        scene.synthesises = false
        for round in 1...3 {
            scene.caller.types("question \(round)")
            scene.agent.answers("answer number \(round)")
            // The synthesiser of a text session says nothing.
            scene.give(.speechDone(generation: scene.agent.generation, clause: 1))
        }
        #expect(scene.reports.map(\.outcome) == [.answered, .answered, .answered])
        #expect(scene.story.suffix(2) == ["user: question 3", "assistant: answer number 3"])
        #expect(scene.commits.allSatisfy { $0.source == .text })
    }

    @Test func `typed text interrupts the agent`() {
        let scene = Scenario()
        scene.caller.types("first")
        scene.agent.answers("A rather long answer to the first question.")
        scene.pass(.milliseconds(500))
        scene.caller.types("second")
        #expect(scene.reports.map(\.outcome) == [.interrupted])
        #expect(scene.prompts.map(\.text) == ["first", "second"])
    }

    @Test func `in mode stt the provider's end of turn commits at once`() {
        let scene = Scenario { $0.turnMode = .stt }
        scene.caller.isSilent(.milliseconds(100))
        scene.give(.providerSpeechStarted)
        scene.caller.speaks(.seconds(1))
        scene.stt.partial("book it")
        scene.stt.final("book it please")
        let decided = scene.now
        scene.give(.providerTurnEnded)
        #expect(scene.commits.map(\.at) == [decided])
        #expect(scene.commits.first?.source == .provider)
        #expect(scene.commits.first?.text == "book it please")
        #expect(scene.conversation.userState == .listening)
    }

    @Test func `in mode stt the provider's end of speech starts the usual delay`() {
        let scene = Scenario { $0.turnMode = .stt }
        scene.caller.isSilent(.milliseconds(100))
        scene.give(.providerSpeechStarted)
        scene.caller.speaks(.seconds(1))
        scene.stt.final("book it please")
        scene.give(.providerSpeechStopped)
        let stopped = scene.now
        scene.caller.isSilent(.seconds(1))
        scene.stt.final("")
        #expect(scene.commits.map(\.text) == ["book it please"])
        #expect((scene.commits.first?.at ?? .zero) >= stopped + .milliseconds(500))
    }

    @Test func `in manual mode only the application commits`() {
        let scene = Scenario { $0.turnMode = .manual }
        scene.caller.speaks(.seconds(1))
        scene.stt.partial("dear diary")
        scene.caller.isSilent(.seconds(4))
        #expect(scene.commits.isEmpty)
        scene.app.commits()
        scene.stt.final("dear diary, today")
        #expect(scene.commits.map(\.text) == ["dear diary, today"])
        #expect(scene.commits.first?.source == .manual)
    }

    @Test func `in manual mode a discarded turn leaves nothing behind`() {
        let scene = Scenario { $0.turnMode = .manual }
        scene.caller.speaks(.seconds(1))
        scene.stt.final("never mind")
        scene.app.discards()
        scene.app.commits()
        scene.pass(.seconds(6))
        #expect(scene.commits.isEmpty)
        #expect(scene.warnings.contains("turn.empty"))
    }

    @Test func `a speech-to-speech provider answers in one clause and is interrupted by its own ears`() {
        let scene = Scenario {
            $0.turnMode = .s2s
            $0.pipeline = .s2s
        }
        scene.caller.speaks(.seconds(1))
        scene.give(.providerSpeechStarted)
        scene.give(.providerTurnEnded)
        let generation = scene.agent.generation
        scene.give(.speech(generation: generation, clause: 1, samples: 48_000))
        scene.agent.streams("I am your friend.")
        scene.stt.final("who are you")
        scene.caller.isSilent(.seconds(1))
        #expect(scene.conversation.agentState == .speaking)
        scene.give(.providerSpeechStarted)
        #expect(scene.reports.map(\.outcome) == [.interrupted])
        #expect(scene.reports.first?.user == "who are you")
        #expect(scene.clauses.isEmpty)
    }

    @Test func `loopback reports speech and asks nobody anything`() {
        let scene = Scenario { $0.pipeline = .loopback }
        scene.caller.speaks(.seconds(1))
        scene.caller.isSilent(.seconds(3))
        scene.caller.types("hello")
        scene.app.commits()
        #expect(scene.has(.userSpeechStarted))
        #expect(scene.has(.userSpeechStopped))
        let others = scene.record.contains { if case .event = $0.action { false } else { true } }
        #expect(!others)
        #expect(scene.conversation.pipelineState == .listening)
    }
}
