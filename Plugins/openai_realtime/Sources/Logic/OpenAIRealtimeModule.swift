// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table: the speech-to-speech provider `openai_realtime`.
public let openAIRealtimeModule = Module([
    ProviderDescription(
        RealtimeProvider.self,
        kind: .s2s,
        id: "openai_realtime",
        version: "1.0.0",
        name: "OpenAI Realtime",
        vendor: "Syrinx",
        configSchema: RealtimeSchema.config,
        sessionSchema: RealtimeSchema.session,
        capabilities: #"""
            {"formats":[{"format":"s16","rates":[24000],"channels":[1]}],"streaming":true,"languages":["*"],
             "tools":true,"turns":"provider"}
            """#,
        traits: .untrustedInput
    )
])
