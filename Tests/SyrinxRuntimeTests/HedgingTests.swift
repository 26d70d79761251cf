// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import Testing

/// A provider is slower than it usually is, and a second one is asked for the same. In virtual time, with real
/// plugins.
@Suite("Hedging", .tags(.integration)) struct HedgingTests {
    private static let rule = HedgingRule([.agent: .after(.milliseconds(300)), .tts: .after(.milliseconds(300))])

    private func profile(
        agent: JSONValue = ["ms": 0], spareAgent: JSONValue? = nil, voice: JSONValue = ["ms": 0],
        spareVoice: JSONValue? = nil
    ) -> Profile {
        var profile = BuiltInProfiles.mock
        profile.agent = plan(.agent, "thinking", agent)
        profile.agent?.fallback = spareAgent.map { [plan(.agent, "thinking-spare", $0)] } ?? []
        profile.tts = plan(.tts, "drawling", voice)
        profile.tts?.fallback = spareVoice.map { [plan(.tts, "drawling-spare", $0)] } ?? []
        profile.hedging = Self.rule
        return profile
    }

    private func plan(_ kind: PluginKind, _ id: String, _ config: JSONValue) -> StagePlan {
        StagePlan(kind, ProviderReference(id: id), config: config)
    }

    /// What the agent said in each turn.
    private func answers(_ call: VirtualCall) -> [String?] { call.turns.map(\.agent) }

    // MARK: agents

    @Test func `a slow agent gets a second beside it, and the first to answer goes on`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(agent: ["ms": 2000], spareAgent: ["ms": 100]))
        call.write("hello")
        call.write("again")
        #expect(answers(call) == ["thinking-spare answers 1.", "thinking-spare answers 2."])
        #expect(call.warnings.map(\.code) == ["provider.hedged"], "it is quick: nobody else is asked the second time")
        let message = try #require(call.warnings.first?.message)
        #expect(message.contains("thinking@1.0.0 said nothing for 400 ms"), "300 for the limit, 100 for the answer")
        call.hangUp()
        #expect(call.usage?.hedges["agent"]?.won == 1 && host.openBreakers.isEmpty)
    }

    @Test func `a quick agent is alone`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(agent: ["ms": 250], spareAgent: ["ms": 0]))
        call.write("hello")
        #expect(answers(call) == ["thinking answers 1."])
        call.hangUp()
        #expect(call.warnings.isEmpty && call.usage?.hedges.isEmpty == true)
    }

    @Test func `the first may still be first; the second is heard nowhere`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(agent: ["ms": 500], spareAgent: ["ms": 400]))
        for _ in 1...3 { call.write("hello") }
        #expect(answers(call) == (1...3).map { "thinking answers \($0)." })
        call.hangUp()
        #expect(call.warnings.isEmpty && call.usage?.hedges["agent"]?.lost == 3)
    }

    @Test func `a second that fails leaves the first alone`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(agent: ["ms": 900], spareAgent: ["ms": 100, "fails": 1]))
        call.write("hello")
        #expect(answers(call) == ["thinking answers 1."])
        #expect(call.turns.map(\.outcome) == [.answered])
        call.hangUp()
        #expect(call.usage?.hedges["agent"]?.failed == 1)
    }

    @Test func `when the first fails the second is asked already`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(agent: ["ms": 400, "fails": 1], spareAgent: ["ms": 1000]))
        call.write("hello")
        #expect(answers(call) == ["thinking-spare answers 1."])
        #expect(call.warnings.map(\.code) == ["provider.failover"])
        let token = try #require(call.turns.first?.timeline.firstToken)
        let decided = try #require(call.turns.first?.timeline.turnDecided)
        #expect(token - decided == .milliseconds(1300), "since the limit, not since the failure")
        call.hangUp()
    }

    @Test func `both fail: the turn says so, once`() throws {
        let host = try VirtualHost()
        let call = try host.call(
            profile(agent: ["ms": 500, "fails": 1], spareAgent: ["ms": 100, "fails": 1]))
        call.write("hello", wait: .seconds(8))
        #expect(call.turns.map(\.outcome) == [.failed])
        call.hangUp()
    }

    @Test func `a call may end while two are asked`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(agent: ["ms": 3000], spareAgent: ["ms": 3000]))
        call.write("hello", wait: .milliseconds(600))
        call.hangUp()
        #expect(call.closed == .clientClosed && host.manager.activeCount == 0)
    }

    @Test func `what is not wanted any more is asked of neither`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(agent: ["ms": 2000], spareAgent: ["ms": 1000]))
        call.write("hello", wait: .milliseconds(600))
        call.write("something else", wait: .seconds(4))
        #expect(call.turns.last?.agent == "thinking-spare answers 1.", "asked anew, in a session of its own")
        #expect(call.turns.filter { $0.outcome == .answered }.count == 1)
        call.hangUp()
    }

    // MARK: the usual time

    @Test(arguments: [(22, ["thinking-spare@1.0.0"]), (5, [])])
    func `without a limit it is the time of all but 5 % of the latest answers`(slowAt: Int, seconds: [String]) throws {
        let host = try VirtualHost()
        var profile = profile(
            agent: ["ms": 100, "slow_at": .int(Int64(slowAt)), "slow_ms": 2500], spareAgent: ["ms": 50])
        profile.hedging = HedgingRule([.agent: .usual])
        let call = try host.call(profile)
        for _ in 1...22 { call.write("hello", wait: .seconds(4)) }
        #expect(call.turns.allSatisfy { $0.outcome == .answered } && call.turns.count == 22)
        #expect(call.warnings.map(\.code) == seconds.map { _ in "provider.hedged" }, "20 answers must be known")
        if let message = call.warnings.first?.message { #expect(message.contains("said nothing for 150 ms")) }
        call.hangUp()
    }

    // MARK: voices

    @Test func `a slow voice gets a second beside it, which says all of the answer`() throws {
        let host = try VirtualHost()
        var profile = profile(voice: ["ms": 2000], spareVoice: ["ms": 100])
        profile.agent = plan(.agent, "mock", ["reply": "This is the first sentence. And this is the second one."])
        let call = try host.call(profile)
        for _ in 1...2 { call.write("hello", wait: .seconds(4)) }
        #expect(call.warnings.map(\.code) == ["provider.hedged"])
        #expect(call.turns.map(\.outcome) == [.answered, .answered])
        #expect(call.turns.allSatisfy { $0.heard == "This is the first sentence. And this is the second one." })
        call.hangUp()
        #expect(call.usage?.hedges["tts"]?.won == 1 && host.openBreakers.isEmpty)
    }

    @Test func `a voice that was first is heard alone`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(voice: ["ms": 500], spareVoice: ["ms": 400]))
        call.write("hello")
        call.hangUp()
        #expect(call.warnings.isEmpty && call.usage?.hedges["tts"]?.lost == 1)
        // One clause of 200 ms, once.
        #expect(call.heardSamples == VirtualCall.rate / 5)
    }

    @Test func `nobody is asked beside a voice that the caller has cut off`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(voice: ["ms": 9000], spareVoice: ["ms": 100]))
        call.write("hello", wait: .milliseconds(200))
        call.session?.submit(.interrupt)
        call.say(VirtualCall.silence(.seconds(1)))
        call.hangUp()
        #expect(call.usage?.hedges.isEmpty == true && call.warnings.isEmpty)
    }
}
