// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import VoiceBackend

/// Backends whose providers take no time.
enum Quick {
    /// Energy VAD, a recogniser that hears `lines` in turns, a tone of length `reply` instead of a voice.
    static func config(lines: [String] = ["hello"], reply: Duration = .milliseconds(200)) -> Config {
        var config = Config()
        config.pluginFolders = PluginFolders.forTests
        config.vadProvider = "energy"
        config.sttProvider = "mock"
        config.ttsProvider = "mock"
        config.noiseCancellationProvider = nil
        config.turnDetectionProvider = nil
        config.stages[.stt] = StageConfig(options: ["lines": .array(lines.map(ConfigValue.string))])
        let milliseconds = Int64(reply / .milliseconds(1))
        config.stages[.tts] = StageConfig(options: ["reply_ms": .int(milliseconds)])
        config.conversation.minSilence = .milliseconds(200)
        config.conversation.minEndpointingDelay = .zero
        config.conversation.minInterruption = .milliseconds(200)
        config.conversation.resumesFalseInterruptions = false
        return config
    }

    static func backend(
        _ config: Config = config(), hooks: Hooks = Hooks()
    ) async throws(VoiceBackendError) -> VoiceBackend {
        let backend = try await VoiceBackends.make(config.provider, config: config, hooks: hooks)
        try await backend.start()
        return backend
    }

    /// A session whose agent repeats.
    static func session(_ user: String = "user-001") -> SessionConfig {
        SessionConfig(userID: user, agentCallback: { "you said \($0)" })
    }

    /// Runs a test against a started backend, and stops it whatever happens.
    static func run(
        _ config: Config = config(), hooks: Hooks = Hooks(), _ body: (VoiceBackend) async throws -> Void
    ) async throws {
        let backend = try await backend(config, hooks: hooks)
        do {
            try await body(backend)
        } catch {
            await backend.stop(drain: .zero)
            throw error
        }
        await backend.stop(drain: .zero)
    }
}

/// What a call threw; nil when it did not.
func failure<Result>(
    _ body: () async throws(VoiceBackendError) -> Result
) async -> VoiceBackendError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

extension VoiceBackendError.Code {
    static func of<Result>(_ body: () async throws(VoiceBackendError) -> Result) async -> VoiceBackendError.Code? {
        await failure(body)?.code
    }
}
