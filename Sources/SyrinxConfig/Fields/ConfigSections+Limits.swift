// SPDX-License-Identifier: Apache-2.0

extension ConfigSection {
    static let limits = ConfigSection(
        anchor: "limits",
        effect: .live,
        fields: [
            ConfigField("max_sessions", .integer(1...1_000_000), default: "1000", "sessions at the same time"),
            ConfigField(
                "providers",
                .values(.integer(1...1_000_000), by: .name),
                example: "{ pocketsphinx: 8 }",
                "sessions at the same time that use a provider, by its id"
            ),
            ConfigField(
                "connections", .integer(1...1_000_000), default: "10000", effect: .restart,
                "open sockets of the public listener"),
            ConfigField(
                "connections_per_address", .integer(1...1_000_000), default: "200", effect: .restart,
                "the same from one address"),
            ConfigField(
                "creates_per_second",
                .number(0...100_000),
                default: "0",
                "sessions that one address may begin in a second, 0 for any number"
            ),
            ConfigField(
                "body", .bytes(1024...67_108_864), default: "1MiB", effect: .restart, "largest body of an HTTP request"),
            ConfigField(
                "max_message",
                .bytes(1024...16_777_216),
                default: "262144",
                effect: .restart,
                "largest WebSocket message, in bytes"
            ),
        ] + times + [ConfigField("load", .section(load), "when the machine is too busy for new sessions")]
    )

    private static let times = [
        ConfigField(
            "start_timeout",
            .duration(.milliseconds(100)...minutes(5)),
            default: "10s",
            effect: .newSessions,
            "time a session has to become ready"
        ),
        ConfigField(
            "idle_timeout",
            .duration(.zero...minutes(1440)),
            default: "300s",
            effect: .newSessions,
            "silence on both sides that ends a session, 0s for none"
        ),
        ConfigField(
            "max_duration",
            .duration(.zero...minutes(1440)),
            default: "60m",
            effect: .newSessions,
            "longest session, 0s for none"
        ),
        ConfigField(
            "resume_window",
            .duration(.zero...minutes(10)),
            default: "30s",
            effect: .newSessions,
            "time in which a caller may come back after the connection was lost, 0s for none"
        ),
    ]

    private static let load = ConfigSection(
        anchor: "load",
        effect: .live,
        fields: [
            ConfigField(
                "cpu", .number(0...1), default: "0.9",
                "share of the processors in use; above it, new sessions are refused, 0 for none"),
            ConfigField(
                "loop_lag", .duration(.zero...minutes(1)), default: "100ms",
                "lateness of the event loops, the same; 0s for none"),
            ConfigField(
                "memory_mb", .integer(0...67_108_864), default: "0", "memory in use, in MiB, the same; 0 for none"),
            ConfigField(
                "recover", .number(0.1...1), default: "0.8",
                "share of a limit below which new sessions are taken again"),
        ]
    )
}
