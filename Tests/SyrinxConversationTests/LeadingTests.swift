// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// An application that leads the conversation itself.
@Suite struct LeadingTests {
    private func change(_ scene: Scenario, _ body: (inout Adjustment) -> Void) {
        var adjustment = Adjustment()
        body(&adjustment)
        scene.give(.adjust(adjustment))
    }

    @Test func `a turn that is held is answered when that is asked for`() {
        let scene = Scenario { $0.answersTurns = false }
        scene.caller.says("book a table")
        #expect(scene.prompts.isEmpty && scene.commits.isEmpty)
        #expect(scene.record.contains { $0.action == .event(.turnHeld(text: "book a table")) })
        #expect(scene.story == ["user: book a table"])
        scene.give(.history([]))
        scene.give(.respond(text: "book a table"))
        scene.agent.answers("For how many?")
        scene.pass(.seconds(3))
        #expect(scene.story == ["user: book a table", "assistant: For how many?"])
        #expect(scene.reports.map(\.outcome) == [.answered])
    }

    @Test func `an agent answers nothing in particular`() {
        let scene = Scenario()
        scene.give(.history([HistoryItem(role: .system, text: "The caller is Ada.")]))
        scene.give(.respond(text: ""))
        #expect(scene.prompts.map(\.text) == [""])
        scene.agent.answers("Hello Ada.")
        scene.pass(.seconds(3))
        #expect(scene.story == ["system: The caller is Ada.", "assistant: Hello Ada."])
    }

    @Test func `an answer that nobody speaks is heard as it is written`() {
        let scene = Scenario()
        change(scene) { $0.speaksAnswers = false }
        scene.caller.types("hello")
        scene.agent.answers("Hi there.")
        #expect(scene.reports.map(\.heard) == ["Hi there."])
        #expect(!scene.record.contains { if case .speak = $0.action { true } else { false } })
        change(scene) { $0.speaksAnswers = true }
        scene.caller.types("again")
        scene.agent.answers("Hi again.")
        scene.pass(.seconds(3))
        #expect(scene.reports.last?.heard == "Hi again.")
        #expect(scene.record.contains { if case .sendFrame = $0.action { true } else { false } })
    }

    @Test func `a voice that must not interrupt does not, the application does`() {
        let scene = Scenario()
        change(scene) { $0.interruptsByVoice = false }
        scene.caller.types("count")
        scene.agent.answers("One, two, three, four, five, six, seven, eight, nine, ten, eleven and twelve.")
        scene.pass(.milliseconds(500))
        scene.caller.says("stop it please")
        #expect(scene.reports.isEmpty)
        scene.give(.interrupt)
        #expect(scene.reports.map(\.outcome) == [.interrupted])
    }

    @Test func `turns are taken by hand, and by voice again`() {
        let scene = Scenario()
        change(scene) { $0.turnMode = .manual }
        scene.transcribes = ("first", .milliseconds(40))
        scene.caller.speaks(.milliseconds(600))
        scene.caller.isSilent(.seconds(2))
        #expect(scene.commits.isEmpty)
        scene.give(.commit)
        scene.caller.isSilent(.milliseconds(100))
        #expect(scene.commits.map(\.text) == ["first"])
        scene.agent.answers("Yes.")
        scene.pass(.seconds(2))
        change(scene) { $0.turnMode = .vad }
        scene.caller.says("second")
        #expect(scene.commits.map(\.text) == ["first", "second"])
    }

    @Test func `a shorter silence ends turns sooner`() {
        let scene = Scenario()
        change(scene) {
            var endpointing = EndpointingOptions()
            endpointing.minDelay = .milliseconds(320)
            $0.endpointing = endpointing
        }
        scene.transcribes = ("yes", .milliseconds(10))
        scene.caller.speaks(.milliseconds(600))
        scene.caller.isSilent(.milliseconds(420))
        #expect(scene.commits.map(\.text) == ["yes"])
    }
}
