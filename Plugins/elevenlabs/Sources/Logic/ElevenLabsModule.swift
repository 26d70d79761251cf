// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table.
public let elevenLabsModule = Module([
    ProviderDescription(
        SpeakProvider.self,
        kind: .tts,
        id: "elevenlabs",
        version: "1.0.0",
        name: "ElevenLabs speaker",
        vendor: "Syrinx",
        configSchema: SpeakSchema.config,
        sessionSchema: SpeakSchema.session,
        capabilities: SpeakSchema.capabilities,
        traits: .untrustedInput
    )
])
