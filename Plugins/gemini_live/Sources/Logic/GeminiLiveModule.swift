// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table: the speech-to-speech provider `gemini_live`.
public let geminiLiveModule = Module([
    ProviderDescription(
        GeminiProvider.self,
        kind: .s2s,
        id: "gemini_live",
        version: "1.0.0",
        name: "Gemini Live",
        vendor: "Syrinx",
        configSchema: GeminiSchema.config,
        sessionSchema: GeminiSchema.session,
        capabilities: #"""
            {"formats":[{"format":"s16","rates":[16000],"channels":[1],"direction":"in"},
                        {"format":"s16","rates":[24000],"channels":[1],"direction":"out"}],
             "streaming":true,"languages":["*"],"tools":true,"turns":"provider"}
            """#,
        traits: .untrustedInput
    )
])
