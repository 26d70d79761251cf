// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

@Suite("Keys of a telephone")
struct KeysTests {
    private func speakingScene() -> Scenario {
        let scene = Scenario()
        scene.caller.types("which extensions are there?")
        scene.agent.answers("For sales press one, for service press two, for anything else please hold the line.")
        scene.pass(.seconds(1))
        #expect(scene.conversation.agentState == .speaking)
        return scene
    }

    @Test func `become a turn after the terminator, or two seconds after the last one`() {
        let scene = Scenario()
        scene.give(.keys("4"))
        scene.give(.keys("2#"))
        #expect(scene.commits.map(\.text) == ["42"])
        scene.pass(.seconds(1))
        scene.give(.keys("7"))
        scene.pass(.milliseconds(1900))
        #expect(scene.commits.count == 1)
        scene.give(.keys("8"))
        scene.pass(.milliseconds(1999))
        #expect(scene.commits.count == 1)
        scene.pass(.milliseconds(1))
        #expect(scene.commits.map(\.text) == ["42", "78"])
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `are a turn each when several inputs come at once`() {
        let scene = Scenario()
        scene.give(.keys("1#23#4"))
        #expect(scene.commits.map(\.text) == ["1", "23"])
        scene.pass(.seconds(2))
        #expect(scene.commits.map(\.text) == ["1", "23", "4"])
        let long = String(repeating: "9", count: 40)
        scene.give(.keys(long))
        scene.pass(.seconds(2))
        #expect(scene.commits.suffix(2).map(\.text.count) == [32, 8])
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `interrupt the agent with the first of them`() {
        let scene = speakingScene()
        scene.give(.keys("1"))
        #expect(scene.reports.last?.outcome == .interrupted && scene.conversation.agentState != .speaking)
        scene.give(.keys("0"))
        scene.pass(.seconds(2))
        #expect(scene.commits.last?.text == "10")
        #expect(scene.reports.count == 1)
        #expect(scene.invariants.violations.isEmpty)
    }

    @Test func `do not interrupt with a terminator alone, nor what may not be interrupted`() {
        let scene = speakingScene()
        scene.give(.keys("#"))
        #expect(scene.conversation.agentState == .speaking && scene.reports.isEmpty)
        let firm = Scenario { $0.interruption.enabled = false }
        firm.app.says("This call may be recorded for training purposes.")
        firm.pass(.milliseconds(500))
        firm.give(.keys("1"))
        #expect(firm.conversation.agentState == .speaking)
        #expect(scene.invariants.violations.isEmpty && firm.invariants.violations.isEmpty)
    }
}
