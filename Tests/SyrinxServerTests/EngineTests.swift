// SPDX-License-Identifier: Apache-2.0

import SyrinxAudio
import SyrinxCLI
import SyrinxConversation
import SyrinxCore
import SyrinxRuntime
import SyrinxServer
import Testing

private enum PatientEngines {
    /// However busy the other tests keep the machine: a caller who stands still for a moment has not ended the sentence.
    static let standard: @Sendable (inout ServerOptions) throws -> Void = { options in
        var profile = BuiltInProfiles.standard
        profile.conversation.speech.audioIdle = .seconds(10)
        profile.conversation.endpointing.transcriptTimeout = .seconds(20)
        options.policy.profiles = [profile]
    }
}

/// The embedded engines, as a caller meets them.
@Suite("Profile default", .tags(.integration), .server(PatientEngines.standard))
struct EngineTests {
    @Test func `a spoken call books a table`() async throws {
        let server = try server()
        let speaker = try Speaker(host: server.server.host, provider: "flite")
        var lines: [CallerLine] = []
        for text in ["I would like to book a table.", "For four people."] {
            let audio = try await speaker.speak(text, voice: "kal16", rate: 16_000)
            lines.append(CallerLine(name: text, samples: audio.samples))
        }
        let target = try TalkTarget(url: "ws://127.0.0.1:\(server.port)", query: [("profile", "default")])
        let runner = CallRunner(target: target, lines: lines, options: CallScript.Options(), replyFile: nil)
        let report = try await runner.run()
        #expect(report.isAnswered, "\(report.failures)")
        #expect(report.turns.count == 2)
        #expect(report.turns.first?.user.contains("table") == true)
        #expect(report.turns.first?.agent == "For how many people?")
        #expect(report.turns.last?.user.contains("four") == true)
        #expect(report.turns.last?.agent.contains("day") == true)
        try await server.settle()
    }

    @Test func `a typed turn is answered by voice`() async throws {
        let caller = try await server().call("profile=default&rate=8000")
        try await caller.event("speech.finished")
        await caller.send(["type": "text", "text": "what time is it"])
        let ended = try await caller.event("turn.ended")
        #expect(ended["outcome"] == "answered")
        #expect(ended["agent"]?.string?.hasPrefix("It is ") == true)
        #expect(await caller.audioBytes > 16_000, "a second of voice at least")
        try await caller.hangUp()
    }
}
