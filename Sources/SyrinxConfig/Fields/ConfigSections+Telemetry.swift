// SPDX-License-Identifier: Apache-2.0

extension ConfigSection {
    static let telemetry = ConfigSection(
        anchor: "telemetry",
        fields: [
            ConfigField("metrics", .flag, default: "true", "whether anything is counted, and shown at `/metrics`"),
            ConfigField(
                "tenant_label", .flag, default: "false", "whether the series of sessions are told apart by tenant"),
            ConfigField(
                "latency_target",
                .duration(.zero...minutes(1)),
                default: "0s",
                "answer time above which a turn is warned of, 0s for none"
            ),
            ConfigField("traces", .section(traces), "where spans are sent"),
        ]
    )

    private static let traces = ConfigSection(
        anchor: "traces",
        fields: [
            ConfigField(
                "endpoint",
                .text(.url),
                example: "http://127.0.0.1:4318/v1/traces",
                "where spans are sent by OTLP over HTTP; nowhere without"
            ),
            ConfigField("sample", .number(0...1), default: "1", "share of the sessions that are traced"),
            ConfigField(
                "headers",
                .values(.text(.secret), by: .header),
                example: "{ authorization: \"${env:OTLP_TOKEN}\" }",
                "headers of these requests; their values are secrets"
            ),
        ]
    )

    static let access = ConfigSection(
        anchor: "access",
        effect: .live,
        fields: [ConfigField("operators", .named(operatorKey), "keys of the admin API, by name")]
    )

    private static let operatorKey = ConfigSection(
        anchor: "operators",
        effect: .live,
        fields: [
            ConfigField("hash", .text(.hash), required: true, "SHA-256 of the whole key"),
            ConfigField("expires", .text(.time), "when it stops being a key"),
        ]
    )
}
