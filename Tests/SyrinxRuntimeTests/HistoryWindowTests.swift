// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import Testing

/// A long call does not grow beyond what a model can read.
@Suite("The history that is told") struct HistoryWindowTests {
    private func lines(_ texts: String...) -> [HistoryItem] { texts.map { HistoryItem(role: .user, text: $0) } }

    @Test func `the newest whole lines that fit are told, in their order`() {
        let history = lines("first", "second", "third")
        #expect(HistoryWindow().newest(of: history) == history)
        #expect(HistoryWindow(lines: 2).newest(of: history).map(\.text) == ["second", "third"])
        #expect(HistoryWindow(characters: 11).newest(of: history).map(\.text) == ["second", "third"])
        #expect(HistoryWindow(characters: 10).newest(of: history).map(\.text) == ["third"])
    }

    @Test func `one line too long is told all the same, and no history is none`() {
        #expect(HistoryWindow(characters: 3).newest(of: lines("first", "second")).map(\.text) == ["second"])
        #expect(HistoryWindow(lines: 0, characters: 0).newest(of: []).isEmpty)
    }

    @Test(.tags(.integration)) func `a model whose session is renewed is told no more than that`() throws {
        let host = try VirtualHost()
        var profile = BuiltInProfiles.mock
        profile.conversation.pipeline = .s2s
        (profile.stt, profile.agent) = (nil, nil)
        profile.s2s = StagePlan(.s2s, ProviderReference(id: "speaking"))
        profile.history = HistoryWindow(lines: 3)
        let call = try host.call(profile)
        for word in 1...3 { call.speak(word...word) }
        try call.session?.change(pipeline: nil, language: "de")
        call.say(VirtualCall.silence(.milliseconds(200)))
        call.speak(4...4)
        #expect(call.turns.last?.agent == "speaking after 3 lines")
        call.hangUp()
    }
}
