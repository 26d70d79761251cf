// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import Testing

/// A provider without another behind it is asked once more. In virtual time, with real plugins.
@Suite("A provider that is asked once more", .tags(.integration)) struct RetryTests {
    private func profile(doneAfter: Int64 = 0) -> Profile {
        var profile = BuiltInProfiles.mock
        profile.agent = StagePlan(
            .agent, ProviderReference(id: "thinking"),
            config: ["fail_at": 1, "retry_after": 1500, "done_ms": .int(doneAfter)])
        profile.tts = StagePlan(.tts, ProviderReference(id: "drawling"))
        return profile
    }

    @Test func `an agent that fails is asked again when it wants to be`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile())
        call.write("a", wait: .seconds(4))
        let turn = try #require(call.turns.first)
        #expect(turn.outcome == .answered && turn.agent == "thinking answers 1.", "in another session of it")
        let (token, decided) = (try #require(turn.timeline.firstToken), try #require(turn.timeline.turnDecided))
        #expect(token - decided >= .milliseconds(1500))
        call.hangUp()
    }

    @Test func `what was asked meanwhile is answered undisturbed`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(doneAfter: 2500))
        call.write("a", wait: .milliseconds(200))
        call.write("b", wait: .seconds(5))
        #expect(call.turns.last?.user == "b" && call.turns.last?.outcome == .answered)
        #expect(call.turns.last?.agent == "thinking answers 2.", "in the session that was asked")
        call.hangUp()
    }
}
