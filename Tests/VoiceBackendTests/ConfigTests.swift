// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import VoiceBackend

@Suite(.tags(.unit)) struct ConfigTests {
    @Test func `the defaults are the tutorial's`() {
        let config = Config()
        #expect(config.latencyTarget == .milliseconds(500))
        #expect(config.timeout == .seconds(30))
        #expect(config.maxConcurrentSessions == 100)
        #expect(config.pipelineType == .sttTTS)
        #expect(config.enableTracing && config.enableMetrics && config.enableStructuredLogging)
    }

    @Test func `a configuration survives a round trip`() throws {
        var config = Config(
            provider: "local", sttProvider: "deepgram", ttsProvider: "elevenlabs", maxConcurrentSessions: 7)
        config.vadProvider = nil
        config.stages[.tts] = StageConfig(config: ["voice": "slt"], options: ["speed": 1.5])
        config.conversation.maxDuration = nil
        config.conversation.greeting = "Hello"
        config.timeout = .milliseconds(1500)
        let json = try JSONEncoder().encode(config)
        #expect(try JSONDecoder().decode(Config.self, from: json) == config)
    }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("1.5s", .milliseconds(1500)), ("30m", .seconds(1800)),
        ("1m30s", .seconds(90)), ("2h", .seconds(7200)),
    ])
    func `B11: durations have units`(_ text: String, _ duration: Duration) throws {
        #expect(DurationText.parse(text) == duration)
        #expect(try Config(["timeout": .string(text)]).timeout == duration)
        #expect(DurationText.parse(DurationText.text(duration)) == duration)
    }

    @Test(arguments: ["", "s", "5", "5 s", "1s1m", "1m1m", "-1s", ".5s", "5.s", "1e3s", "٣s", "infs", "nans"])
    func `B11: other texts are no durations`(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test func `B11: a bare number is refused with the fix, and all problems come at once`() async {
        let error = await failure { () throws(VoiceBackendError) in
            try Config([
                "timeout": 30, "latency_traget": "1s", "max_retries": "three", "pipeline_type": "both",
                "stages": ["sst": [:], "tts": ["optoins": [:]]], "conversation": ["min_silence": 200],
            ])
        }
        #expect(error?.code == .invalidConfig)
        #expect(error?.details["timeout"]?.contains("\"30s\"") == true)
        #expect(error?.details["latency_traget"]?.contains("latency_target") == true)
        let others = ["max_retries", "pipeline_type", "stages.sst", "stages.tts.optoins", "conversation.min_silence"]
        for path in others { #expect(error?.details[path] != nil, "\(path)") }
        #expect(error?.details.count == 7)
    }
}

@Suite(.tags(.integration)) struct RegistryTests {
    @Test func `a name that is not installed is answered with what is`() async {
        let error = await failure { () async throws(VoiceBackendError) in
            try await VoiceBackends.make("cartesia", config: Quick.config())
        }
        #expect(error?.code == .providerNotFound)
        #expect(error?.message.contains("local") == true)
    }

    @Test func `everything wrong with a configuration is said at once`() async {
        var config = Quick.config()
        config.latencyTarget = .seconds(60)
        config.latencySwitchAfter = 101
        config.maxConcurrentSessions = -1
        config.sttProvider = "nobody"
        config.stages[.tts] = StageConfig(options: ["reply_ms": -5, "volume": 3])
        config.stages[.tts]?.fallback = ["mock", "nobody"]
        config.vadProvider = nil
        let error = await failure { () async throws(VoiceBackendError) in
            try await VoiceBackends.make("local", config: config)
        }
        #expect(error?.code == .invalidConfig)
        #expect(
            Set(error?.details.keys.sorted() ?? []) == [
                "latency_target", "latency_switch_after", "max_concurrent_sessions", "stt_provider", "vad_provider",
                "stages.tts.fallback", "stages.tts.options.reply_ms", "stages.tts.options.volume",
            ])
    }

    @Test func `B15: any provider that is loaded is a valid name`() async throws {
        var config = Quick.config()
        config.agentProvider = "echo@1"
        _ = try await VoiceBackends.make("local", config: config)
    }

    @Test func `the registry tells what a provider is and takes`() throws {
        let folders = PluginFolders.forTests
        #expect(VoiceBackends.providerNames(pluginFolders: folders).contains("local"))
        #expect(VoiceBackends.providerNames(of: .tts, pluginFolders: folders).contains("mock"))
        #expect(VoiceBackends.isRegistered("local", pluginFolders: folders))
        #expect(!VoiceBackends.isRegistered("vocode", pluginFolders: folders))
        let schema = try VoiceBackends.configSchema(of: "mock", stage: .tts, pluginFolders: folders)
        let field = try #require(schema.fields.first { $0.name == "reply_ms" })
        #expect(field.type == "integer")
        #expect(field.defaultValue == 1000)
        #expect(!field.isRequired && !field.description.isEmpty)
        let capabilities = try VoiceBackends.capabilities(of: "mock", stage: .tts, pluginFolders: folders)
        #expect(capabilities.sampleRates.contains(16_000))
    }

    @Test func `a folder that is not there is named`() async {
        var config = Config()
        config.pluginFolders = ["/nowhere/at/all"]
        let error = await failure { () async throws(VoiceBackendError) in
            try await VoiceBackends.make("local", config: config)
        }
        #expect(error?.details["plugin_folders"]?.contains("/nowhere/at/all") == true)
    }
}
