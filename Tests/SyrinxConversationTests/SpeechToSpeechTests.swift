// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// One model hears, thinks and speaks: its turns, its words that come late, and what it is told it was heard.
@Suite struct SpeechToSpeechTests {
    private func scene(_ change: (inout Options) -> Void = { _ in }) -> Scenario {
        Scenario {
            $0.turnMode = .s2s
            $0.pipeline = .s2s
            $0.hasSynthesiser = false
            change(&$0)
        }
    }

    /// The caller speaks, and the model ends the turn.
    private func turn(_ scene: Scenario, words: String? = nil) {
        scene.give(.providerSpeechStarted)
        scene.caller.speaks(.milliseconds(600))
        scene.give(.providerSpeechStopped)
        if let words { scene.give(.final(utterance: 0, text: words, confidence: 1)) }
        scene.give(.providerTurnEnded)
    }

    /// The whole answer comes at once.
    private func answer(_ scene: Scenario, _ text: String, for duration: Duration) {
        let generation = scene.agent.generation
        let samples = Int(duration / .milliseconds(1)) * scene.conversation.options.outputRate / 1000
        scene.agent.streams(text)
        scene.give(.speech(generation: generation, clause: 1, samples: samples))
        scene.agent.isDone()
    }

    private func truncations(_ scene: Scenario) -> [(generation: UInt64, played: Duration, heard: String)] {
        scene.record.compactMap {
            if case .truncate(let generation, let played, let heard) = $0.action {
                (generation, played, heard)
            } else {
                nil
            }
        }
    }

    @Test func `a spoken turn only names the answer, a typed one asks for it`() {
        let scene = scene()
        turn(scene, words: "who are you")
        answer(scene, "I am your friend.", for: .milliseconds(500))
        scene.caller.isSilent(.seconds(1))
        scene.caller.types("and now?")
        answer(scene, "Still.", for: .milliseconds(200))
        scene.caller.isSilent(.seconds(1))
        #expect(scene.prompts.map(\.text) == ["", "and now?"])
        #expect(scene.reports.map(\.user) == ["who are you", "and now?"])
        #expect(
            scene.story == ["user: who are you", "assistant: I am your friend.", "user: and now?", "assistant: Still."])
        #expect(truncations(scene).isEmpty)
    }

    @Test(arguments: [120, 400, 990, 1500])
    func `an interrupted answer is truncated at the millisecond that was played`(after: Int) {
        let scene = scene()
        turn(scene)
        answer(scene, "one two three four five six seven eight", for: .seconds(4))
        scene.pass(.milliseconds(after))
        scene.give(.providerSpeechStarted)
        #expect(truncations(scene).map(\.played) == [.milliseconds(after)])
        #expect(truncations(scene).map(\.heard) == scene.reports.map(\.heard))
        let cancelled = scene.record.lastIndex { if case .cancelSpeech = $0.action { true } else { false } } ?? .max
        let told = scene.record.firstIndex { if case .truncate = $0.action { true } else { false } } ?? 0
        #expect(cancelled < told)
    }

    @Test func `what the client says it played counts, not what was sent`() {
        let scene = scene()
        scene.give(.played(samples: 0))
        turn(scene)
        answer(scene, "one two three four", for: .seconds(4))
        scene.pass(.seconds(1))
        scene.give(.played(samples: 24_000 / 4))
        scene.give(.providerSpeechStarted)
        #expect(truncations(scene).map(\.played) == [.milliseconds(250)])
    }

    @Test func `an answer that nobody has heard is truncated to nothing`() {
        let scene = scene()
        turn(scene)
        scene.give(.providerSpeechStarted)
        #expect(truncations(scene).map(\.played) == [.zero])
        #expect(scene.reports.map(\.outcome) == [.interrupted])
    }

    @Test func `words that come after the answer is over are put before it, once`() {
        let scene = scene()
        turn(scene)
        answer(scene, "Fine.", for: .milliseconds(200))
        scene.caller.isSilent(.seconds(1))
        #expect(scene.story == ["assistant: Fine."])
        scene.give(.final(utterance: 0, text: "how are you", confidence: 1))
        #expect(scene.story == ["user: how are you", "assistant: Fine."])
        #expect(scene.conversation.isQuiet)
    }

    @Test func `late words find their turns in order, whatever was said meanwhile`() {
        let scene = scene()
        turn(scene)
        answer(scene, "First answer.", for: .seconds(3))
        scene.pass(.milliseconds(300))
        turn(scene)
        scene.give(.final(utterance: 0, text: "first question", confidence: 1))
        answer(scene, "Second answer.", for: .milliseconds(200))
        scene.give(.final(utterance: 0, text: "second question", confidence: 1))
        scene.caller.isSilent(.seconds(1))
        #expect(scene.story.first == "user: first question")
        #expect(scene.story.suffix(2) == ["user: second question", "assistant: Second answer."])
    }

    @Test func `words in pieces are one turn's, and partial words do for lack of others`() {
        let scene = scene()
        scene.give(.providerSpeechStarted)
        scene.caller.speaks(.milliseconds(400))
        scene.give(.partial(utterance: 0, text: "a ta"))
        scene.give(.providerTurnEnded)
        scene.give(.final(utterance: 0, text: "a table", confidence: 1))
        scene.give(.final(utterance: 0, text: "for two", confidence: 1))
        answer(scene, "Yes.", for: .milliseconds(200))
        scene.caller.isSilent(.seconds(1))
        scene.give(.providerSpeechStarted)
        scene.caller.speaks(.milliseconds(400))
        scene.give(.partial(utterance: 0, text: "thank"))
        scene.give(.providerTurnEnded)
        answer(scene, "Bye.", for: .milliseconds(200))
        scene.caller.isSilent(.seconds(1))
        #expect(scene.reports.map(\.user) == ["a table for two", "thank"])
        scene.give(.final(utterance: 0, text: "thank you", confidence: 1))
        #expect(scene.story == ["user: a table for two", "assistant: Yes.", "user: thank you", "assistant: Bye."])
    }

    @Test func `a line is given to the model as a whole, and truncated like an answer`() {
        let scene = scene {
            $0.greeting = "Good morning. This is Syrinx. Here is what I can do. I book tables. I tell the time."
        }
        let line = scene.newestClause
        #expect(scene.clauses == [scene.conversation.options.greeting ?? ""])
        scene.pass(.milliseconds(500))
        scene.give(.providerSpeechStarted)
        #expect(truncations(scene).map(\.generation) == [line.generation])
        #expect(scene.story.count == 1)
    }

    @Test func `an answer to a turn that is not to be answered is called off`() {
        let scene = scene { $0.greeting = "Mind the gap." }
        scene.app.says("This is important.", interruptible: false)
        scene.pass(.seconds(1))
        scene.pass(.milliseconds(300))
        turn(scene, words: "what?")
        #expect(scene.warnings.contains("turn.dropped"))
        #expect(scene.prompts.map(\.text) == [""])
        let isCalledOff = scene.record.contains {
            if case .cancelAgent(let generation) = $0.action { generation == scene.agent.generation } else { false }
        }
        #expect(isCalledOff)
    }

    @Test func `a model that waits for credit is not given up`() {
        let scene = scene()
        turn(scene, words: "sing")
        scene.agent.streams("la la la")
        scene.give(.speech(generation: scene.agent.generation, clause: 1, samples: 24_000 * 15))
        scene.pass(.seconds(14))
        #expect(scene.reports.isEmpty)
        scene.agent.isDone()
        scene.pass(.seconds(3))
        #expect(scene.reports.map(\.outcome) == [.answered])
    }

    @Test func `a model that says nothing more fails its turn`() {
        let scene = scene()
        turn(scene, words: "sing")
        scene.pass(.seconds(6))
        #expect(scene.reports.map(\.failure) == ["agent.timeout"])
        turn(scene, words: "sing")
        scene.give(.speech(generation: scene.agent.generation, clause: 1, samples: 24_000))
        scene.pass(.seconds(12))
        #expect(scene.reports.map(\.failure) == ["agent.timeout", "agent.timeout"])
        #expect(truncations(scene).map(\.played) == [.seconds(1)])
    }

    @Test func `it is quiet only when nothing is said, owed or written down`() {
        let scene = scene()
        #expect(scene.conversation.isQuiet)
        scene.give(.providerSpeechStarted)
        #expect(!scene.conversation.isQuiet)
        scene.give(.providerSpeechStopped)
        #expect(!scene.conversation.isQuiet)
        scene.caller.isSilent(.milliseconds(100))
        scene.give(.providerTurnEnded)
        #expect(!scene.conversation.isQuiet)
        answer(scene, "Yes.", for: .milliseconds(300))
        #expect(scene.conversation.historySoFar.map(\.text) == ["Yes."])
        scene.caller.isSilent(.seconds(1))
        #expect(!scene.conversation.isQuiet, "the words are still to come")
        scene.caller.isSilent(.seconds(5))
        #expect(scene.conversation.isQuiet)
    }
}

/// The provider is lost, and a cascade takes its place.
@Suite struct ProviderReplacedTests {
    private func scene() -> Scenario {
        Scenario {
            $0.turnMode = .s2s
            $0.pipeline = .s2s
            $0.hasSynthesiser = false
        }
    }

    private func replace(_ scene: Scenario) { scene.give(.providerReplaced(hasTurnStage: false)) }

    @Test func `the conversation goes on with the same history`() {
        let scene = scene()
        scene.caller.types("one")
        scene.give(.speech(generation: scene.agent.generation, clause: 1, samples: 4800))
        scene.agent.answers("First.")
        scene.caller.isSilent(.seconds(1))
        replace(scene)
        scene.caller.says("two")
        #expect(scene.prompts.map(\.text) == ["one", "two"])
        scene.agent.answers("Second answer.")
        scene.caller.isSilent(.seconds(3))
        #expect(scene.story == ["user: one", "assistant: First.", "user: two", "assistant: Second answer."])
        #expect(scene.reports.map(\.outcome) == [.answered, .answered])
    }

    @Test func `a turn that waits for its answer is asked of the agent`() {
        let scene = scene()
        scene.caller.types("one")
        replace(scene)
        #expect(scene.prompts.map(\.text) == ["one", "one"])
        scene.agent.answers("Here is the answer.")
        scene.pass(.seconds(3))
        #expect(scene.story == ["user: one", "assistant: Here is the answer."])
    }

    @Test func `a turn for which a tool was used is not asked again: the tool would be used twice`() {
        let scene = scene()
        scene.caller.types("one")
        scene.give(.toolCall(generation: scene.agent.generation, call: 1, name: "book", arguments: "{}"))
        replace(scene)
        scene.pass(.seconds(1))
        #expect(scene.prompts.map(\.text) == ["one"])
        #expect(scene.reports.map(\.outcome) == [.failed])
    }

    @Test func `speech that was not answered is heard again, from its beginning`() {
        let scene = scene()
        scene.caller.isSilent(.milliseconds(500))
        scene.give(.providerSpeechStarted)
        scene.caller.speaks(.milliseconds(800))
        scene.caller.isSilent(.milliseconds(400))
        scene.give(.providerSpeechStopped)
        replace(scene)
        let begun = scene.record.compactMap {
            if case .beginUtterance(let id, let padding) = $0.action { (id: id, padding: padding) } else { nil }
        }.last
        #expect((begun?.padding ?? 0) >= 16 * 1200)
        scene.stt.final("are you there")
        scene.caller.isSilent(.seconds(2))
        #expect(scene.prompts.map(\.text) == ["are you there"])
    }

    @Test func `a caller who goes on speaking is heard to the end`() {
        let scene = scene()
        scene.give(.providerSpeechStarted)
        scene.caller.speaks(.milliseconds(800))
        replace(scene)
        scene.caller.speaks(.milliseconds(500))
        scene.caller.isSilent(.milliseconds(400))
        scene.stt.final("a long question")
        scene.caller.isSilent(.seconds(2))
        #expect(scene.prompts.map(\.text) == ["a long question"])
    }

    @Test func `an answer that has begun ends as far as it came`() {
        let scene = scene()
        scene.caller.types("one")
        scene.agent.streams("Half an answer")
        scene.give(.speech(generation: scene.agent.generation, clause: 1, samples: 24_000))
        scene.pass(.milliseconds(200))
        replace(scene)
        scene.pass(.seconds(2))
        #expect(scene.reports.map(\.outcome) == [.answered])
        #expect(scene.story == ["user: one", "assistant: Half an answer"])
    }

    @Test func `a line that was not said is said by the other voice`() {
        let scene = scene()
        scene.synthesises = false
        scene.app.says("Good morning, this is Syrinx.")
        scene.pass(.milliseconds(100))
        let asked = scene.clauses.count
        scene.synthesises = true
        replace(scene)
        scene.pass(.seconds(4))
        #expect(scene.clauses.count > asked)
        #expect(scene.story == ["assistant: Good morning, this is Syrinx."])
    }
}
