// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table: one transport for each dialect.
public let telephonyModule = Module([
    describe(TwilioTransport.self, .twilio), describe(TelnyxTransport.self, .telnyx),
    describe(PlivoTransport.self, .plivo),
])

private func describe(_ type: (some Provider).Type, _ dialect: Dialect) -> ProviderDescription {
    ProviderDescription(
        type,
        kind: .transport,
        id: dialect.id,
        version: "1.0.0",
        name: "\(dialect.name) media streams",
        vendor: "Syrinx",
        configSchema: TelephonySchema.config(dialect),
        capabilities:
            #"{"formats":[{"format":"s16","rates":[8000],"channels":[1]}],"streaming":true,"number_field":"To"}"#,
        metrics: TelephonyMetric.all,
        traits: .untrustedInput
    )
}

/// What the transports count; the raw value is the metric's index.
enum TelephonyMetric: Int, CaseIterable {
    case calls, refused, ignored, lostChunks, droppedAudio, unknownNumbers

    static var all: [Metric] { allCases.map(\.metric) }

    private var metric: Metric {
        switch self {
        case .calls: Metric("syrinx_telephony_calls_total", .counter, help: "Calls whose stream has begun.")
        case .refused:
            Metric("syrinx_telephony_refused_total", .counter, help: "Requests without the right signature or token.")
        case .ignored:
            Metric("syrinx_telephony_ignored_total", .counter, help: "Messages that made no sense.")
        case .lostChunks:
            Metric("syrinx_telephony_late_chunks_total", .counter, help: "Audio that came twice or too late.")
        case .droppedAudio:
            Metric(
                "syrinx_telephony_dropped_audio_total", .counter, help: "Audio that the vendor did not read in time.")
        case .unknownNumbers:
            Metric(
                "syrinx_telephony_unknown_numbers_total", .counter, help: "Calls of numbers that lead nowhere.")
        }
    }
}
