// SPDX-License-Identifier: Apache-2.0

import VoiceBackend

/// Step 1: a provider's name and a `Config` make a backend; `start()` opens its providers.
func configureBackend() async throws -> VoiceBackend {
    step(1, "Configure the backend")

    var config = Config()  // complete: local media, pocketsphinx, flite
    config.maxConcurrentSessions = 3
    config.latencyTarget = .milliseconds(500)
    config.timeout = .seconds(30)
    // The embedded recogniser knows small domains: tell it what to expect.
    config.stages[.stt] = StageConfig(config: ["hints": ["book a table for four", "what are your opening hours"]])

    let backend = try await VoiceBackends.make("local", config: config)
    try await backend.start()

    show("installed backends: \(VoiceBackends.providerNames().joined(separator: ", "))")
    show("backend is \(backend.connectionState.rawValue)")
    return backend
}
