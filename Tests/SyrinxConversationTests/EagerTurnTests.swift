// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// In mode `stt`: a provider's guess that the turn ends here asks the agent; its word speaks the answer.
@Suite struct EagerTurnTests {
    /// The caller is in the middle of a turn, and has said `words` so far.
    private func scene(_ words: String, preemptive: Bool = true) -> Scenario {
        let scene = Scenario {
            $0.turnMode = .stt
            $0.preemptive.enabled = preemptive
        }
        scene.caller.isSilent(.milliseconds(100))
        scene.give(.providerSpeechStarted)
        scene.caller.speaks(.seconds(1))
        scene.stt.partial(words)
        return scene
    }

    private func guess(_ scene: Scenario, _ probability: Float = 0.5) {
        scene.give(.turnVerdict(utterance: scene.stt.utterance, probability: probability))
    }

    private func end(_ scene: Scenario, _ words: String) {
        scene.stt.final(words)
        scene.give(.providerSpeechStopped)
        scene.give(.providerTurnEnded)
    }

    private func cancels(_ scene: Scenario) -> Int {
        scene.record.count { if case .cancelAgent = $0.action { true } else { false } }
    }

    @Test func `a guess asks the agent, and the provider's word has the answer spoken at once`() {
        let scene = scene("what time is it")
        guess(scene)
        #expect(scene.prompts.map(\.speculative) == [true])
        scene.agent.answers("It is noon.")
        scene.caller.isSilent(.milliseconds(300))
        #expect(scene.clauses.isEmpty)
        #expect(scene.commits.isEmpty)
        end(scene, "What time is it?")
        let ended = scene.now
        #expect(scene.commits.map(\.at) == [ended])
        #expect(scene.instants { if case .speak = $0 { true } else { false } } == [ended])
        scene.caller.isSilent(.seconds(3))
        #expect(scene.prompts.count == 1)
        #expect(cancels(scene) == 0)
        #expect(scene.conversation.counters.turns == 1)
        #expect(scene.reports.map(\.outcome) == [.answered])
        #expect(scene.story == ["user: What time is it?", "assistant: It is noon."])
        #expect(scene.clauses == ["It is noon."])
    }

    @Test func `the first word comes earlier than without a guess`() {
        func delay(preemptive: Bool) -> Duration {
            let scene = scene("what time is it", preemptive: preemptive)
            guess(scene)
            let thinking = Duration.milliseconds(400)
            if preemptive { scene.give(.delta(generation: 1, text: "It is noon."), after: thinking) }
            scene.caller.isSilent(.milliseconds(300))
            end(scene, "what time is it")
            let ended = scene.now
            if !preemptive { scene.give(.delta(generation: 1, text: "It is noon."), after: thinking) }
            scene.caller.isSilent(.seconds(2))
            return (scene.frames.first?.at ?? .distantFuture) - ended
        }
        #expect(delay(preemptive: true) <= delay(preemptive: false) - .milliseconds(300))
    }

    @Test func `speech that is resumed takes the guess back`() {
        for resume in [
            { (scene: Scenario) in guess(scene, 0) },
            { (scene: Scenario) in scene.stt.partial("I want tea") },
            { (scene: Scenario) in
                scene.give(.providerSpeechStopped)
                scene.give(.providerSpeechStarted)
            },
        ] {
            let scene = scene("I want")
            guess(scene)
            scene.give(.delta(generation: 1, text: "What do you want?"))
            resume(scene)
            #expect(scene.record.contains { $0.action == .cancelAgent(generation: 1) })
            // What it still says is of nobody's interest.
            scene.give(.agentDone(generation: 1, hangUp: true))
            scene.caller.isSilent(.milliseconds(200))
            end(scene, "I want tea")
            #expect(scene.prompts.map(\.text) == ["I want", "I want tea"])
            #expect(scene.prompts.map(\.speculative) == [true, false])
            scene.agent.answers("Tea it is.")
            scene.caller.isSilent(.seconds(3))
            #expect(scene.clauses == ["Tea it is."])
            #expect(scene.reports.map(\.outcome) == [.answered])
        }
    }

    @Test func `the same guess twice asks once, and a guess too many asks nobody`() {
        let scene = scene("one")
        guess(scene)
        guess(scene)
        #expect(scene.prompts.count == 1)
        for words in ["one two", "one two three", "one two three four"] {
            scene.stt.partial(words)
            guess(scene)
        }
        #expect(scene.prompts.count == 3)
        guess(scene, .nan)
        #expect(scene.prompts.count == 3)
    }

    @Test func `without preemptive, and over the agent's voice, a guess asks nobody`() {
        let plain = scene("hello", preemptive: false)
        guess(plain)
        #expect(plain.prompts.isEmpty)
        let busy = scene("hello")
        end(busy, "hello")
        busy.agent.answers("Hello, and welcome to our rather long greeting.")
        busy.caller.isSilent(.milliseconds(500))
        busy.give(.providerSpeechStarted)
        busy.stt.partial("one more thing")
        guess(busy)
        #expect(busy.prompts.count == 1)
    }
}
