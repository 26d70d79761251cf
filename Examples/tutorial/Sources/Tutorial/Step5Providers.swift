// SPDX-License-Identifier: Apache-2.0

import Foundation
import VoiceBackend

/// Step 5: another provider is another word in the configuration; installing one is putting its plugin into the folder.
func useAnotherProvider() async throws {
    step(5, "Switch providers by configuration")

    let json = """
        {"provider": "local", "stt_provider": "mock", "tts_provider": "espeak-ng", "agent_provider": "echo",
         "vad_provider": "energy", "noise_cancellation_provider": null, "timeout": "10s"}
        """
    let config = try JSONDecoder().decode(Config.self, from: Data(json.utf8))
    let backend = try await VoiceBackends.make(config.provider, config: config)
    try await backend.start()
    let session = try await backend.createSession(SessionConfig(userID: "user-005"))
    try await session.start()
    try await session.sendText("The same program, another voice.")
    for try await event in session.events {
        guard case .turnEnded(let turn) = event else { continue }
        show("espeak-ng said: \(turn.heard)")
        break
    }
    await backend.stop(drain: .zero)

    do {
        _ = try await VoiceBackends.make("livekit", config: config)
    } catch {
        show("\(error.code): \(error.message)")
    }
}
