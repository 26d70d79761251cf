// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// Opus in a room is 48 kHz; what most voices speak comes first.
private let capabilities = #"""
    {"formats":[{"format":"s16","rates":[24000,48000,16000,8000],"channels":[1]}],"events":true,"media":"plugin"}
    """#

/// The plugin's table: a room's participant as a backend, and a door for LiveKit's webhooks.
public let liveKitModule = Module([
    ProviderDescription(
        LiveKitBackendProvider.self,
        kind: .backend,
        id: "livekit",
        version: "1.0.0",
        name: "LiveKit room",
        vendor: "Syrinx",
        configSchema: LiveKitSchema.backend,
        sessionSchema: LiveKitSchema.session,
        capabilities: capabilities,
        metrics: LiveKitMetrics.all,
        traits: [.globalState, .untrustedInput]
    ),
    ProviderDescription(
        LiveKitDoorProvider.self,
        kind: .transport,
        id: "livekit",
        version: "1.0.0",
        name: "LiveKit webhooks",
        vendor: "Syrinx",
        configSchema: LiveKitSchema.door,
        capabilities: capabilities,
        metrics: LiveKitMetrics.all,
        traits: [.globalState, .untrustedInput]
    ),
])

enum LiveKitMetrics {
    static let rooms = 0
    static let lateFrames = 1
    static let lostAudio = 2

    static let all = [
        Metric("syrinx_livekit_rooms_total", .counter, help: "Rooms joined."),
        Metric("syrinx_livekit_late_frames_total", .counter, help: "10 ms frames of the agent that found no room."),
        Metric(
            "syrinx_livekit_lost_frames_total", .counter, help: "20 ms frames of callers that the host took too late."),
    ]
}
