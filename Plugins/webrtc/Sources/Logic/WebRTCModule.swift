// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table.
public let webRTCModule = Module([
    ProviderDescription(
        WebRTCProvider.self,
        kind: .transport,
        id: "webrtc",
        version: "1.0.0",
        name: "WebRTC",
        vendor: "Syrinx",
        configSchema: WebRTCConfig.schema,
        capabilities: #"""
            {"formats":[{"format":"s16","rates":[16000,24000,48000,8000],"channels":[1]}],"streaming":true,"events":true}
            """#,
        metrics: Meter.metrics,
        traits: .untrustedInput
    )
])
