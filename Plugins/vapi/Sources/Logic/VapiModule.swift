// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table: the speech-to-speech provider `vapi`, and the backend of the same name.
public let vapiModule = Module([
    ProviderDescription(
        VapiProvider.self,
        kind: .s2s,
        id: "vapi",
        version: "1.0.0",
        name: "Vapi",
        vendor: "Syrinx",
        configSchema: VapiSchema.config,
        sessionSchema: VapiSchema.session,
        capabilities: #"""
            {"formats":[{"format":"s16","rates":[16000],"channels":[1],"direction":"in"},
                        {"format":"s16","rates":[16000,24000,48000,8000],"channels":[1],"direction":"out"}],
             "streaming":true,"languages":["*"],"tools":true,"turns":"provider"}
            """#,
        traits: .untrustedInput
    ),
    ProviderDescription(
        CountingBackend<VapiConfig>.self,
        kind: .backend,
        id: "vapi",
        version: "1.0.0",
        name: "Vapi",
        vendor: "Syrinx",
        configSchema: VapiSchema.config,
        capabilities: #"{"media":"pipeline","pipeline":"s2s"}"#,
        metrics: [Metric("syrinx_vapi_sessions_total", .counter, help: "Sessions opened at the backend vapi.")],
        traits: .untrustedInput
    ),
])
