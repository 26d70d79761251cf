// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table.
public let audioSocketModule = Module([
    ProviderDescription(
        AudioSocketProvider.self,
        kind: .transport,
        id: "audiosocket",
        version: "1.0.0",
        name: "AudioSocket",
        vendor: "Syrinx",
        configSchema: AudioSocketConfig.schema,
        capabilities: #"""
            {"formats":[{"format":"s16","rates":[8000,16000,24000,48000],"channels":[1]}],"streaming":true,
             "number_field":"to"}
            """#,
        metrics: AudioSocketMetric.all,
        traits: .untrustedInput
    )
])

/// What the transport counts; the raw value is the metric's index.
enum AudioSocketMetric: Int, CaseIterable {
    case calls, refused, strangers, ignored, unheard, dropped

    static var all: [Metric] {
        [
            Metric("syrinx_audiosocket_calls_total", .counter, help: "Calls that have come over the socket."),
            Metric("syrinx_audiosocket_refused_total", .counter, help: "Requests at the door without the right token."),
            Metric("syrinx_audiosocket_strangers_total", .counter, help: "Connections without a ticket of the door."),
            Metric("syrinx_audiosocket_ignored_total", .counter, help: "Packets that made no sense."),
            Metric("syrinx_audiosocket_unheard_total", .counter, help: "Packets of audio that the host did not take."),
            Metric("syrinx_audiosocket_dropped_total", .counter, help: "Frames that the far end did not read in time."),
        ]
    }
}
