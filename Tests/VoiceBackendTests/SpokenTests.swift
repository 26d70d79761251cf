// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import VoiceBackend

/// Real engines on both sides: a voice speaks, a recogniser hears it, the answer is spoken.
@Suite(
    .tags(.integration), .timeLimit(.minutes(10)),
    .enabled(if: Engines.arePresent, "the plugins flite, pocketsphinx, webrtc and webrtc-apm are not built"))
struct SpokenTests {
    @Test func `B1: the defaults hold a spoken conversation`() async throws {
        var config = Config()
        config.pluginFolders = PluginFolders.forTests
        config.stages[.stt] = StageConfig(config: ["hints": ["book a table for seven", "what time is it", "goodbye"]])
        try await Quick.run(config) { backend in
            let question = try await Self.speech("Book a table for seven.", backend)
            let session = try await backend.createSession(
                SessionConfig(userID: "user-001", agentCallback: { "I heard: \($0)." }))
            try await session.start()
            let caller = Caller(session: session)
            try await caller.isQuiet(.milliseconds(500))
            try await caller.send(question)
            try await caller.isQuiet(.milliseconds(3000))
            let turn = try await session.nextTurn()
            #expect(turn.user.contains("table"))
            #expect(turn.outcome == .answered)
            #expect(turn.heard == "I heard: \(turn.user).")
            #expect(turn.latency.total != nil)
            let answer = try await session.hear(frames: 20)
            #expect(answer.contains { $0.samples.contains { abs(Int($0)) > 1000 } })
        }
    }

    /// What the backend's own voice says.
    private static func speech(_ text: String, _ backend: VoiceBackend) async throws -> [Int16] {
        let session = try await backend.createSession(Quick.session("the voice"))
        try await session.start()
        let handle = try session.say(text)
        let listening = Task { try await session.hear(frames: .max) }
        _ = try await handle.waitForPlayout()
        await session.stop()
        return try await listening.value.flatMap(\.samples)
    }
}

private enum Engines {
    static var arePresent: Bool {
        let wanted: [(Stage, String)] = [
            (.tts, "flite"), (.stt, "pocketsphinx"), (.vad, "webrtc"), (.noiseCancellation, "webrtc-apm"),
            (.turnDetection, "lexical"),
        ]
        return wanted.allSatisfy { stage, name in
            VoiceBackends.providerNames(of: stage, pluginFolders: PluginFolders.forTests).contains(name)
        }
    }
}
