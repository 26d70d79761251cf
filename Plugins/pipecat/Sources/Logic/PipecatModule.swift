// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table: the speech-to-speech provider `pipecat`, and the backend of the same name.
public let pipecatModule = Module([
    ProviderDescription(
        PipecatProvider.self,
        kind: .s2s,
        id: "pipecat",
        version: "1.0.0",
        name: "Pipecat",
        vendor: "Syrinx",
        configSchema: PipecatSchema.config,
        sessionSchema: PipecatSchema.session,
        capabilities: #"""
            {"formats":[{"format":"s16","rates":[16000],"channels":[1],"direction":"in"},
                        {"format":"s16","rates":[24000,16000,48000,8000],"channels":[1],"direction":"out"}],
             "streaming":true,"languages":["*"],"tools":true,"turns":"provider"}
            """#,
        traits: .untrustedInput
    ),
    ProviderDescription(
        CountingBackend<PipecatConfig>.self,
        kind: .backend,
        id: "pipecat",
        version: "1.0.0",
        name: "Pipecat",
        vendor: "Syrinx",
        configSchema: PipecatSchema.config,
        capabilities: #"{"media":"pipeline","pipeline":"s2s"}"#,
        metrics: [Metric("syrinx_pipecat_sessions_total", .counter, help: "Sessions opened at the backend pipecat.")],
        traits: .untrustedInput
    ),
])
