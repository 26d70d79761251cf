// SPDX-License-Identifier: Apache-2.0

import VoiceBackend

/// Step 2: a session is one caller. The agent is a function from words to words; the session listens and speaks.
func createSession(_ backend: VoiceBackend) async throws {
    step(2, "Create a session, and talk to it")

    let session = try await backend.createSession(
        SessionConfig(userID: "user-001", agentCallback: { transcript in await processWithAgent(transcript) }))
    try await session.start()

    try await play(try await recording("Book a table for four.", backend), to: session)
    for try await event in session.events {
        switch event {
        case .finalTranscript(let text, _, _): show("caller: \(text)")
        case .turnEnded(let turn):
            show("agent:  \(turn.agent)")
            show("heard:  \(turn.heard) (\(turn.outcome.rawValue))")
            await session.stop()
        default: break
        }
    }
    show("session is \(session.state.rawValue)")
}

/// Your application goes here.
private func processWithAgent(_ transcript: String) async -> String {
    transcript.contains("table") ? "Certainly, your table is booked." : "Sorry, I only book tables."
}

/// Stands in for a microphone: s16le mono, 20 ms at a time. `processAudio` waits when the session is busy.
private func play(_ pcm: [UInt8], to session: VoiceSession) async throws {
    let frame = session.rate / 50 * 2
    let silence = [UInt8](repeating: 0, count: session.rate * 2)
    let all = silence + pcm + silence + silence
    for start in stride(from: 0, to: all.count, by: frame) {
        try await session.processAudio(Array(all[start..<min(start + frame, all.count)]))
    }
}

/// Stands in for a caller: the backend's own voice says the words in a session of its own.
private func recording(_ text: String, _ backend: VoiceBackend) async throws -> [UInt8] {
    let session = try await backend.createSession(SessionConfig(userID: "recorder", agentCallback: { $0 }))
    try await session.start()
    let line = try session.say(text)
    Task {
        _ = try await line.waitForPlayout()
        await session.stop()
    }
    var pcm: [UInt8] = []
    for try await frame in session.receiveAudio() { pcm += frame.bytes }
    return pcm
}
