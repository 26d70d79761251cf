// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// A conversation goes on in another pipeline, between two turns, and nothing of it is lost.
@Suite struct HybridTests {
    private func model(afterTools: Int? = nil) -> Scenario {
        Scenario {
            $0.turnMode = .s2s
            $0.pipeline = .s2s
            $0.hybrid = HybridOptions(afterTools: afterTools)
        }
    }

    private func cascade(_ mode: TurnMode = .vad) -> Scenario {
        Scenario {
            $0.turnMode = mode
            $0.hybrid = HybridOptions()
        }
    }

    private func opened(_ scene: Scenario) -> [Pipeline] {
        scene.record.compactMap { if case .openPipeline(let pipeline) = $0.action { pipeline } else { nil } }
    }

    private func want(_ pipeline: Pipeline, in scene: Scenario) {
        scene.give(.switchPipeline(to: pipeline, reason: .requested))
    }

    private func isReady(_ pipeline: Pipeline, in scene: Scenario) {
        scene.give(.pipelineReady(pipeline, hasTurnStage: false))
    }

    /// The model's whole answer to what was typed.
    private func modelAnswers(_ scene: Scenario, _ text: String) {
        scene.give(.speech(generation: scene.agent.generation, clause: 1, samples: 12_000))
        scene.agent.answers(text)
    }

    @Test func `an answer is heard to its end before the cascade goes on`() {
        let scene = model()
        scene.caller.types("one")
        modelAnswers(scene, "First.")
        scene.caller.isSilent(.milliseconds(100))
        want(.cascade, in: scene)
        #expect(opened(scene).isEmpty)
        scene.caller.isSilent(.seconds(1))
        #expect(opened(scene) == [.cascade])
        isReady(.cascade, in: scene)
        #expect(scene.has(.pipelineSwitched(to: .cascade, reason: .requested)))
        scene.transcribes = ("two", .milliseconds(100))
        scene.caller.says("two")
        #expect(scene.prompts.map(\.text) == ["one", "two"])
        scene.agent.answers("Second answer.")
        scene.caller.isSilent(.seconds(3))
        #expect(scene.story == ["user: one", "assistant: First.", "user: two", "assistant: Second answer."])
    }

    @Test func `it waits for a caller who speaks`() {
        let scene = model()
        scene.give(.providerSpeechStarted)
        scene.caller.speaks(.milliseconds(400))
        want(.cascade, in: scene)
        scene.caller.speaks(.milliseconds(400))
        #expect(opened(scene).isEmpty)
        scene.give(.providerSpeechStopped)
        scene.give(.final(utterance: 0, text: "hello", confidence: 1))
        scene.give(.providerTurnEnded)
        modelAnswers(scene, "Hello.")
        scene.caller.isSilent(.seconds(2))
        #expect(opened(scene) == [.cascade])
    }

    @Test func `the model takes over from a cascade, and gives back to it as it was`() {
        let scene = cascade(.manual)
        scene.caller.isSilent(.milliseconds(100))
        want(.s2s, in: scene)
        isReady(.s2s, in: scene)
        #expect(scene.conversation.options.turnMode == .s2s)
        scene.give(.providerSpeechStarted)
        scene.caller.speaks(.milliseconds(400))
        scene.give(.providerSpeechStopped)
        scene.give(.final(utterance: 0, text: "who are you", confidence: 1))
        scene.give(.providerTurnEnded)
        modelAnswers(scene, "The model.")
        want(.cascade, in: scene)
        scene.caller.isSilent(.seconds(1))
        isReady(.cascade, in: scene)
        #expect(scene.conversation.options.turnMode == .manual)
        #expect(opened(scene) == [.s2s, .cascade])
        #expect(scene.story == ["user: who are you", "assistant: The model."])
    }

    @Test func `a spoken turn of the cascade does not hold the model up`() {
        let scene = cascade()
        scene.transcribes = ("hello", .milliseconds(100))
        scene.caller.says("hello")
        scene.agent.answers("Good morning.")
        want(.s2s, in: scene)
        #expect(opened(scene).isEmpty)
        scene.caller.isSilent(.seconds(3))
        #expect(opened(scene) == [.s2s])
    }

    @Test func `after so many tool calls the cascade goes on, and knows what the tools answered`() {
        let scene = model(afterTools: 2)
        for step in 1...2 {
            scene.caller.types("look \(step)")
            scene.agent.calls(UInt64(step))
            scene.give(
                .toolResult(
                    generation: scene.agent.generation, call: UInt64(step), text: "result \(step)", failed: false))
            modelAnswers(scene, "Seen.")
            scene.caller.isSilent(.seconds(1))
            #expect(opened(scene).count == step - 1)
        }
        isReady(.cascade, in: scene)
        #expect(scene.has(.pipelineSwitched(to: .cascade, reason: .tools)))
        let told = scene.conversation.history.map { "\($0.role.rawValue): \($0.text)" }
        #expect(
            told == [
                "user: look 1", "system: The tool look was called with {} and answered: result 1", "assistant: Seen.",
                "user: look 2", "system: The tool look was called with {} and answered: result 2", "assistant: Seen.",
            ])
    }

    @Test func `what cannot be had is told, and the conversation goes on as it was`() {
        let scene = model()
        want(.cascade, in: scene)
        scene.give(.pipelineRefused(message: "no recogniser"))
        #expect(scene.warnings == ["pipeline.switch_failed"])
        scene.caller.types("one")
        modelAnswers(scene, "First.")
        scene.caller.isSilent(.seconds(1))
        #expect(scene.story == ["user: one", "assistant: First."])
        #expect(scene.conversation.options.pipeline == .s2s)
    }

    @Test func `a wish is taken back by its opposite`() {
        let scene = model()
        scene.caller.types("one")
        want(.cascade, in: scene)
        want(.s2s, in: scene)
        modelAnswers(scene, "First.")
        scene.caller.isSilent(.seconds(1))
        #expect(opened(scene).isEmpty)
    }

    @Test func `a cascade that fails turn after turn is left for the model, once`() {
        let scene = cascade()
        func fail() {
            scene.caller.types("hello")
            scene.agent.fails("provider.connectivity")
        }
        for _ in 1...3 { fail() }
        #expect(opened(scene) == [.s2s])
        #expect(scene.closed == nil)
        isReady(.s2s, in: scene)
        #expect(scene.has(.pipelineSwitched(to: .s2s, reason: .failure)))
        want(.cascade, in: scene)
        isReady(.cascade, in: scene)
        for _ in 1...3 { fail() }
        scene.pass(.seconds(3))
        #expect(scene.closed?.reason == .providerFailed)
    }

    @Test func `a conversation with one pipeline says so`() {
        let scene = Scenario { _ in }
        want(.s2s, in: scene)
        #expect(scene.warnings == ["pipeline.unavailable"])
        #expect(opened(scene).isEmpty)
    }
}
