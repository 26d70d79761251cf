// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import Testing

/// A model's session is exchanged for another before it ends. In virtual time, with real plugins.
@Suite("A model that is exchanged", .tags(.integration)) struct RolloverTests {
    @Test func `the provider's end counts, though another exchange is planned already`() throws {
        let host = try VirtualHost()
        var profile = BuiltInProfiles.mock
        profile.conversation.pipeline = .s2s
        (profile.vad, profile.stt, profile.agent, profile.tts) = (nil, nil, nil, nil)
        profile.s2s = StagePlan(
            .s2s, ProviderReference(id: "mock"),
            config: ["expire_after_ms": 6000, "notice_ms": 3000, "reply": "yes", "reply_ms": 200])
        let call = try host.call(profile)
        call.say(VirtualCall.speech(1...10))
        // It is told so in another session, when the caller has stopped speaking.
        call.session?.take(Brief(instructions: "be brief"))
        call.speak(11...70, silence: .seconds(2))
        #expect(call.failures.isEmpty, "it is left before it ends")
        #expect(call.turns.map(\.outcome) == [.answered])
        call.hangUp()
    }
}
