// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import Testing

/// Which builds a session tells the host to have failed in it: what takes builds back judges by that.
@Suite("Outcomes of stages", .tags(.integration)) struct StageOutcomesTests {
    private final class Judge: GenerationObserver {
        let ended = Mutex<[(used: Set<Int>, failed: Set<Int>)]>([])

        func sessionEnded(_ generations: Set<Int>, failed: Set<Int>) {
            ended.withLock { $0.append((generations, failed)) }
        }

        func generationFailed(_ generation: Int, reason: String) {}
    }

    /// The caller cuts an agent or a voice off, which answers CANCELLED as it must.
    private func expectNoFailure(_ profile: Profile, cutOffAfter time: Duration) throws {
        let host = try VirtualHost()
        let judge = Judge()
        host.host.setObserver(judge)
        let call = try host.call(profile)
        call.write("hello", wait: time)
        call.session?.submit(.interrupt)
        call.say(VirtualCall.silence(.seconds(1)))
        #expect(call.turns.map(\.outcome) == [.interrupted])
        call.write("hello", wait: time)
        call.hangUp()
        #expect(call.warnings.isEmpty && call.failures.isEmpty)
        let ended = try #require(judge.ended.withLock { $0.first })
        #expect(!ended.used.isEmpty && ended.failed.isEmpty)
    }

    @Test func `a voice that is cut off has not failed, and keeps its place`() throws {
        var profile = BuiltInProfiles.mock
        // Longer than what may be said ahead: it is at work when it is cut off.
        profile.tts?.config = ["reply_ms": 30_000]
        profile.tts?.fallback = [StagePlan(.tts, ProviderReference(id: "voicing-spare"))]
        try expectNoFailure(profile, cutOffAfter: .seconds(2))
    }

    @Test(arguments: [true, false])
    func `an agent that is cut off while it thinks has not failed`(hasSpare: Bool) throws {
        var profile = BuiltInProfiles.mock
        profile.agent = StagePlan(.agent, ProviderReference(id: "thinking"), config: ["ms": 2000])
        if hasSpare { profile.agent?.fallback = [StagePlan(.agent, ProviderReference(id: "thinking-spare"))] }
        try expectNoFailure(profile, cutOffAfter: .milliseconds(500))
    }

    @Test func `a model that is cut off while it thinks has not failed, even if it ends with an error`() throws {
        var profile = BuiltInProfiles.mock
        profile.conversation.pipeline = .s2s
        (profile.vad, profile.stt, profile.agent, profile.tts) = (nil, nil, nil, nil)
        profile.s2s = StagePlan(.s2s, ProviderReference(id: "speaking"), config: ["mode": "silent"])
        profile.s2s?.fallback = [StagePlan(.s2s, ProviderReference(id: "speaking-spare"))]
        try expectNoFailure(profile, cutOffAfter: .milliseconds(500))
    }

    private static let lost: JSONValue = ["mode": "lost"]

    /// Of a call whose voice is lost, and gives way to another plugin's: by the ids of the two.
    private func outcome(spare: JSONValue) throws -> (used: Set<String>, failed: Set<String>) {
        let host = try VirtualHost(plugins: ["", "second-"])
        let judge = Judge()
        host.host.setObserver(judge)
        var profile = BuiltInProfiles.mock
        profile.tts = StagePlan(.tts, ProviderReference(id: "voicing"), config: Self.lost)
        profile.tts?.fallback = [StagePlan(.tts, ProviderReference(id: "second-voicing"), config: spare)]
        let call = try host.call(profile)
        call.speak(1...3, silence: .seconds(8))
        #expect(call.warnings.contains { $0.code == "provider.failover" })
        call.hangUp()
        let ended = try #require(judge.ended.withLock { $0.first })
        func names(_ generations: Set<Int>) throws -> Set<String> {
            Set(
                try ["voicing", "second-voicing"].filter {
                    let descriptor = try host.host.registry.choice(.tts, ProviderReference(id: $0)).stable
                    return generations.contains(descriptor.generation)
                })
        }
        return (try names(ended.used), try names(ended.failed))
    }

    @Test func `one that opens no session is passed over, and what it said is nobody's`() throws {
        let host = try VirtualHost()
        var profile = BuiltInProfiles.mock
        profile.tts = StagePlan(.tts, ProviderReference(id: "voicing"), config: ["mode": "closed"])
        profile.tts?.fallback = [StagePlan(.tts, ProviderReference(id: "voicing-spare"))]
        let call = try host.call(profile)
        call.speak(1...3, silence: .seconds(3))
        #expect(call.turns.map(\.outcome) == [.answered])
        #expect(call.warnings.isEmpty && call.failures.isEmpty)
        call.hangUp()
    }

    @Test func `one that takes over and works is used, and not to blame`() throws {
        let outcome = try outcome(spare: [:])
        #expect(outcome.used == ["voicing", "second-voicing"])
        #expect(outcome.failed == ["voicing"])
    }

    @Test func `one that takes over and fails, too, is to blame itself`() throws {
        #expect(try outcome(spare: Self.lost).failed == ["voicing", "second-voicing"])
    }
}
