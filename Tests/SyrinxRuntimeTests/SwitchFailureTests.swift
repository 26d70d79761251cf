// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import Testing

/// A model takes over from a cascade and cannot, or from itself in another language. In virtual time, with real plugins.
@Suite("A model that is to take over", .tags(.integration)) struct SwitchFailureTests {
    private func hybrid(_ mode: String) -> Profile {
        var profile = BuiltInProfiles.mock
        profile.stt = StagePlan(.stt, ProviderReference(id: "hearing"))
        profile.agent = StagePlan(.agent, ProviderReference(id: "echo"))
        profile.s2s = StagePlan(.s2s, ProviderReference(id: "speaking"), config: ["mode": .string(mode)])
        return profile
    }

    private func askForModel(_ call: VirtualCall) throws {
        try call.session?.change(pipeline: .s2s, language: nil)
        call.say(VirtualCall.silence(.milliseconds(200)))
    }

    @Test(arguments: ["unreachable", "closed"])
    func `five failures open its breaker, and the cascade goes on`(mode: String) throws {
        let host = try VirtualHost()
        let call = try host.call(hybrid(mode))
        for _ in 1...5 {
            #expect(host.openBreakers.isEmpty)
            try askForModel(call)
        }
        #expect(host.openBreakers == ["s2s speaking@1.0.0"])
        try askForModel(call)
        #expect(call.warnings.map(\.code) == Array(repeating: "pipeline.switch_failed", count: 6))
        #expect(call.warnings.last?.message.contains("left alone") == true)
        call.speak(1...3)
        #expect(call.turns.map(\.agent) == ["1 2 3"])
        call.hangUp()
    }

    @Test func `a model is told of another language in another session of it`() throws {
        let host = try VirtualHost()
        var profile = hybrid("steady")
        profile.conversation.pipeline = .s2s
        let call = try host.call(profile)
        call.speak(1...3)
        try call.session?.change(pipeline: nil, language: "de")
        call.say(VirtualCall.silence(.milliseconds(200)))
        call.speak(4...6)
        #expect(call.turns.map(\.agent) == ["speaking after 0 lines", "speaking after 2 lines"])
        #expect(call.warnings.isEmpty)
        call.hangUp()
    }

    @Test func `a refused key opens none`() throws {
        let host = try VirtualHost()
        let call = try host.call(hybrid("refused"))
        for _ in 1...6 { try askForModel(call) }
        #expect(call.warnings.last?.message.contains("provider.authentication") == true)
        #expect(host.openBreakers.isEmpty)
        call.hangUp()
    }
}
