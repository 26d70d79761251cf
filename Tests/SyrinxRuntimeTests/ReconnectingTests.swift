// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import Testing

/// A recogniser loses its connection in the middle of an utterance, and says that it tries again. In
/// virtual time, with real plugins.
@Suite("A stage that reconnects", .tags(.integration)) struct ReconnectingTests {
    private static let words = 1...12

    private func profile(_ config: JSONValue, hasSpare: Bool = true) -> Profile {
        var profile = BuiltInProfiles.mock
        profile.stt = StagePlan(.stt, ProviderReference(id: "hearing"), config: config)
        if hasSpare { profile.stt?.fallback = [StagePlan(.stt, ProviderReference(id: "hearing-spare"))] }
        profile.agent = StagePlan(.agent, ProviderReference(id: "echo"))
        return profile
    }

    private func failover(_ call: VirtualCall) -> Instant? {
        call.warnings.first { $0.code == "provider.failover" }?.at
    }

    @Test(arguments: 0..<12)
    func `wherever it is cut off, another has all of the words, each once`(point: Int) throws {
        // From the padding before the first word to the silence behind the last.
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "lost", "at": .int(Int64(100 + point * 110))]))
        call.speak(Self.words)
        #expect(call.turns.map(\.user) == [VirtualCall.words(Self.words)])
        #expect(call.turns.map(\.outcome) == [.answered])
        #expect(call.warnings.map(\.code) == ["provider.failover"])
        call.speak(1...3)
        #expect(call.turns.last?.user == "1 2 3", "it goes on with the other")
        call.hangUp()
    }

    @Test func `another is asked 800 ms after the loss, not when the provider gives up`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "lost", "at": 300]))
        call.say(VirtualCall.silence(.milliseconds(200)) + VirtualCall.speech(1...4))
        let lost = host.now
        call.say(VirtualCall.speech(5...14))
        let decision = try #require(failover(call))
        #expect(decision - lost < .seconds(1))
        call.hangUp()
    }

    @Test func `a profile may give it more time, or as much as it likes`() throws {
        for (time, isSwitched) in [(Duration.milliseconds(100), true), (.seconds(5), false), (.zero, false)] {
            let host = try VirtualHost()
            var profile = profile(["mode": "lost", "at": 300, "back": 1000])
            profile.failover = FailoverRule(reconnectAfter: time)
            let call = try host.call(profile)
            call.speak(Self.words)
            #expect((failover(call) != nil) == isSwitched, "\(time)")
            #expect(call.turns.map(\.user) == [VirtualCall.words(Self.words)])
            call.hangUp()
        }
    }

    @Test func `one that is back in time keeps its place`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "lost", "at": 300, "back": 700]))
        call.speak(Self.words)
        #expect(call.turns.map(\.user) == [VirtualCall.words(Self.words)])
        #expect(call.warnings.isEmpty)
        call.hangUp()
    }

    @Test func `one that comes back only to break off again has no more time`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "flapping", "at": 300, "back": 300]))
        call.speak(Self.words)
        #expect(call.warnings.map(\.code) == ["provider.failover"])
        #expect(call.turns.map(\.user) == [VirtualCall.words(Self.words)])
        call.hangUp()
    }

    @Test func `without another it is waited for`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "lost", "at": 300, "back": 2500], hasSpare: false))
        call.speak(Self.words, silence: .seconds(6))
        #expect(call.turns.map(\.user) == [VirtualCall.words(Self.words)])
        #expect(call.warnings.isEmpty && host.openBreakers.isEmpty)
        call.hangUp()
    }

    @Test func `while nobody speaks it is waited for, and left when it is needed`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "idle", "at": 500]))
        call.speak(Self.words, silence: .seconds(6))
        #expect(call.warnings.isEmpty)
        call.speak(1...5)
        #expect(call.warnings.map(\.code) == ["provider.failover"])
        #expect(call.turns.map(\.user) == [VirtualCall.words(Self.words), "1 2 3 4 5"])
        call.hangUp()
    }

    @Test func `one that takes over when the caller begins hears the beginning, however short`() throws {
        let host = try VirtualHost()
        let call = try host.call(profile(["mode": "idle", "at": 500]))
        call.speak(Self.words, silence: .seconds(6))
        call.say(VirtualCall.speech(1...1).prefix(VirtualCall.rate * 60 / 1000) + VirtualCall.speech(2...5))
        call.say(VirtualCall.silence(.seconds(3)))
        #expect(call.warnings.map(\.code) == ["provider.failover"])
        #expect(call.turns.map(\.user) == [VirtualCall.words(Self.words), "1 2 3 4 5"])
        call.hangUp()
    }

    @Test(arguments: [(0, true), (500, false)])
    func `a voice that loses its connection does not keep the caller waiting`(back: Int, isSwitched: Bool) throws {
        let host = try VirtualHost()
        var profile = profile([:])
        profile.tts = StagePlan(
            .tts, ProviderReference(id: "voicing"), config: ["mode": "lost", "back": .int(Int64(back))])
        profile.tts?.fallback = [StagePlan(.tts, ProviderReference(id: "voicing-spare"))]
        let call = try host.call(profile)
        call.speak(1...3, silence: .seconds(9))
        #expect(call.warnings.map(\.code).contains("provider.failover") == isSwitched)
        #expect(call.turns.map(\.outcome) == [.answered] && call.turns.map(\.heard) == ["1 2 3"])
        call.hangUp()
    }

    @Test func `five losses open the provider's breaker, and new calls begin with the other`() throws {
        let host = try VirtualHost()
        for _ in 1...5 {
            let call = try host.call(profile(["mode": "lost", "at": 300]))
            call.speak(Self.words, silence: .seconds(1))
            call.hangUp()
        }
        #expect(host.openBreakers == ["stt hearing@1.0.0"])
        let sixth = try host.call(profile(["mode": "lost", "at": 300]))
        sixth.speak(Self.words)
        #expect(sixth.warnings.isEmpty && sixth.turns.map(\.user) == [VirtualCall.words(Self.words)])
        sixth.hangUp()
    }
}
