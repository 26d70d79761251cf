// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import Testing

/// Models that hear and speak: breakers, fallback, and what happens when nobody is left. In
/// virtual time, with real plugins.
@Suite("A speech-to-speech provider that fails", .tags(.integration)) struct SpeechFallbackTests {
    private func profile(_ config: JSONValue = [:], spare: JSONValue? = [:]) -> Profile {
        var profile = BuiltInProfiles.mock
        profile.conversation.pipeline = .s2s
        (profile.vad, profile.stt, profile.agent, profile.tts) = (nil, nil, nil, nil)
        profile.s2s = StagePlan(.s2s, ProviderReference(id: "speaking"), config: config)
        if let spare {
            profile.s2s?.fallback = [StagePlan(.s2s, ProviderReference(id: "speaking-spare"), config: spare)]
        }
        return profile
    }

    private func answers(_ call: VirtualCall) -> [String] { call.turns.map { "\($0.user): \($0.agent)" } }

    @Test(arguments: [("unreachable", "provider.connectivity"), ("refused", "provider.authentication")])
    func `one that cannot be had gives way to the next at once`(mode: String, code: String) throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": .string(mode)]))
        call.speak(1...3)
        #expect(answers(call) == ["1 2 3: speaking-spare after 0 lines"])
        #expect(call.warnings.map(\.code) == ["provider.failover"])
        #expect(call.warnings.first?.message == "s2s: speaking@1.0.0 failed (\(code)), speaking-spare@1.0.0 goes on")
        call.hangUp()
    }

    @Test func `one that opens no session is passed over`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "closed"]))
        call.speak(1...3)
        #expect(answers(call) == ["1 2 3: speaking-spare after 0 lines"])
        call.hangUp()
    }

    @Test func `one that breaks off in the middle of the caller's turn costs no word, and no history`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "broken", "at": 2]))
        call.speak(1...3)
        call.speak(4...9)
        call.speak(10...12)
        #expect(
            answers(call) == [
                "1 2 3: speaking after 0 lines", "4 5 6 7 8 9: speaking-spare after 2 lines",
                "10 11 12: speaking-spare after 2 lines",
            ])
        #expect(call.turns.allSatisfy { $0.outcome == .answered && $0.heard == $0.agent })
        #expect(call.warnings.map(\.code) == ["provider.failover"])
        call.hangUp()
    }

    @Test func `one that breaks off before it told what it heard is stood in for by one that hears it again`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "untold", "at": 2]))
        call.speak(1...3)
        call.speak(4...9)
        call.speak(10...12)
        #expect(
            answers(call) == [
                "1 2 3: speaking after 0 lines", "4 5 6 7 8 9: speaking-spare after 2 lines",
                "10 11 12: speaking-spare after 2 lines",
            ])
        #expect(call.turns.allSatisfy { $0.outcome == .answered })
        call.hangUp()
    }

    @Test func `one whose session broke, and that has another, keeps its place`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "broken_once", "at": 2]))
        call.speak(1...3)
        call.speak(4...9)
        #expect(answers(call).last == "4 5 6 7 8 9: speaking after 2 lines")
        #expect(call.warnings.isEmpty)
        call.hangUp()
    }

    @Test func `one that does not answer is not waited for longer than five seconds`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "silent"]))
        call.speak(1...3, silence: .seconds(8))
        #expect(answers(call) == ["1 2 3: speaking-spare after 0 lines"])
        #expect(call.turns.first?.outcome == .answered)
        call.hangUp()
    }

    @Test func `one that waits for a tool is not silent, and the tool is used once`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "tool"]))
        call.speak(1...3, silence: .seconds(7))
        #expect(call.orders.map(\.name) == ["book"] && call.turns.isEmpty)
        call.finishTool()
        call.say(VirtualCall.silence(.seconds(1)))
        #expect(answers(call) == ["1 2 3: speaking after 0 lines"])
        #expect(call.orders.count == 1 && call.warnings.isEmpty)
        call.hangUp()
    }

    @Test func `when one breaks off that has had a tool used, its turn fails, and the tool is not used again`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "tool", "at": 1]))
        call.speak(1...3, silence: .seconds(1))
        call.finishTool()
        call.say(VirtualCall.silence(.seconds(8)))
        #expect(call.orders.count == 1)
        #expect(call.turns.map(\.outcome) == [.failed])
        call.hangUp()
    }

    @Test(arguments: [(0, true), (500, false)])
    func `one that loses its connection has a moment to get it back`(back: Int, isSwitched: Bool) throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "lost", "at": 1, "back": .int(Int64(back))]))
        call.speak(1...3)
        #expect(call.warnings.map(\.code) == (isSwitched ? ["provider.failover"] : []))
        call.speak(4...6)
        #expect(answers(call).last?.hasPrefix(isSwitched ? "4 5 6: speaking-spare" : "4 5 6: speaking ") == true)
        call.hangUp()
    }

    @Test func `when nobody is left the session ends, and says why`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "unreachable"], spare: ["mode": "refused"]))
        call.say(VirtualCall.silence(.seconds(5)))
        #expect(call.closed == .providerFailed)
        #expect(call.warnings.map(\.code) == ["provider.failover", "provider.lost"])
        #expect(call.warnings.last?.message.contains("speaking-spare@1.0.0 is lost (provider.authentication)") == true)
    }

    // MARK: breakers

    private func fail(_ host: VirtualHost, times: Int, _ profile: Profile, tenant: String = "default") throws {
        for _ in 0..<times {
            let call = try host.call(profile, tenant: tenant)
            call.say(VirtualCall.silence(.milliseconds(200)))
            call.hangUp()
        }
    }

    @Test func `five failures open its breaker, and one call tries it again after half a minute`() throws {
        let host = try VirtualHost()
        try fail(host, times: 5, profile(["mode": "unreachable"]))
        #expect(host.openBreakers == ["s2s speaking@1.0.0"])
        let spared = try host.call(profile())
        spared.speak(1...3)
        #expect(answers(spared) == ["1 2 3: speaking-spare after 0 lines"] && spared.warnings.isEmpty)
        spared.hangUp()
        let other = try host.call(profile(), tenant: "acme")
        other.speak(1...3)
        #expect(answers(other) == ["1 2 3: speaking after 0 lines"], "another tenant's breaker is another")
        other.hangUp()
        host.advance(.seconds(31))
        let probe = try host.call(profile())
        probe.speak(1...3)
        #expect(answers(probe) == ["1 2 3: speaking after 0 lines"])
        #expect(host.openBreakers.isEmpty)
        probe.hangUp()
    }

    @Test func `a wrong key opens no breaker`() throws {
        let host = try VirtualHost()
        try fail(host, times: 8, profile(["mode": "refused"]))
        #expect(host.openBreakers.isEmpty)
    }

    @Test func `with all breakers open a call is refused, or held by the cascade that the profile has`() throws {
        let host = try VirtualHost()
        let alone = profile(["mode": "unreachable"], spare: nil)
        // Each tries four times by itself.
        for _ in 1...2 { try host.call(alone).say(VirtualCall.silence(.seconds(5))) }
        #expect(throws: SyrinxError.self) { try host.call(alone) }
        var both = BuiltInProfiles.mock
        both.conversation.pipeline = .s2s
        both.s2s = alone.s2s
        both.stt = StagePlan(.stt, ProviderReference(id: "hearing"))
        both.agent = StagePlan(.agent, ProviderReference(id: "echo"))
        let call = try host.call(both)
        call.speak(1...3, silence: .seconds(4))
        #expect(answers(call) == ["1 2 3: 1 2 3"])
        call.hangUp()
    }
}
