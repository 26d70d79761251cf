// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table.
public let deepgramModule = Module([
    ProviderDescription(
        ListenProvider.self,
        kind: .stt,
        id: "deepgram",
        version: "1.0.0",
        name: "Deepgram recogniser",
        vendor: "Syrinx",
        configSchema: ListenSchema.config,
        sessionSchema: ListenSchema.session,
        capabilities: ListenSchema.capabilities,
        traits: .untrustedInput
    ),
    ProviderDescription(
        SpeakProvider.self,
        kind: .tts,
        id: "deepgram",
        version: "1.0.0",
        name: "Deepgram speaker",
        vendor: "Syrinx",
        configSchema: SpeakSchema.config,
        sessionSchema: SpeakSchema.session,
        capabilities: SpeakSchema.capabilities,
        traits: .untrustedInput
    ),
])
