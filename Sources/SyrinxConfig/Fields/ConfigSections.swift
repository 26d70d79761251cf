// SPDX-License-Identifier: Apache-2.0

// The vocabulary of the configuration, one table a group. The defaults of profiles are those of the conversation core;
// a profile that leaves a key out takes it from the profile it extends.

extension ConfigSection {
    static let root = ConfigSection(
        anchor: "server",
        fields: [
            ConfigField("listen", .text(.address), default: "127.0.0.1:8080", "host and port of HTTP and WebSocket"),
            ConfigField("listeners", .section(listeners), "where else the server listens"),
            ConfigField("plugins", .section(plugins), "where plugins are found, and how they change"),
            ConfigField("access", .section(access), "who may use the admin API"),
            ConfigField("tenants", .named(tenant), "who uses the server: keys, limits, providers, records, by name"),
            ConfigField("doors", .named(door), "how callers come in through plugins, by name"),
            ConfigField("limits", .section(limits), "what one server takes on"),
            ConfigField("network", .section(network), "where plugins may reach"),
            ConfigField("drain", .section(drain), "shutting down without cutting calls"),
            ConfigField("log", .section(log), "what is logged and how"),
            ConfigField("telemetry", .section(telemetry), "metrics and traces"),
            ConfigField("storage", .section(storage), "what is kept on disk"),
            ConfigField("profiles", .named(profile), "how sessions talk, by name"),
        ]
    )

    private static let listeners = ConfigSection(
        anchor: "listeners",
        fields: [
            ConfigField(
                "admin",
                .text(.path),
                example: "/run/syrinx/admin.sock",
                "Unix socket of the admin API, relative to this file, or `none`; by default in the user's runtime folder"
            ),
            ConfigField(
                "admin_http",
                .text(.optionalAddress),
                default: "127.0.0.1:9464",
                "host and port of the admin API and of `/metrics`; the default is given up, with a warning, when it is taken"
            ),
        ]
    )

    private static let drain = ConfigSection(
        anchor: "drain",
        effect: .live,
        fields: [
            ConfigField(
                "deadline",
                .duration(.zero...minutes(1440)),
                default: "30m",
                "time that live calls have to end by themselves"
            ),
            ConfigField(
                "goodbye",
                .text(),
                example: "\"We have to hang up now. Please call again.\"",
                "said to a caller whose call the deadline ends; nothing without"
            ),
        ]
    )

    private static let log = ConfigSection(
        anchor: "log",
        effect: .restart,
        fields: [
            ConfigField(
                "level",
                .words(LogConfig.Level.allCases.map(\.rawValue)),
                default: "info",
                "least severe level logged"
            ),
            ConfigField(
                "format",
                .words(LogConfig.Format.allCases.map(\.rawValue)),
                default: "text",
                "one line or one object a record"
            ),
        ]
    )

    private static let storage = ConfigSection(
        anchor: "storage",
        fields: [
            ConfigField(
                "database",
                .text(.path),
                example: "../var/syrinx.db",
                "the database of sessions, turns and usage, relative to this file; no records are kept without"
            ),
            ConfigField(
                "recordings",
                .text(.path),
                example: "../var/recordings",
                "folder for recordings, relative to this file; only where `database` is set"
            ),
            ConfigField(
                "event_log",
                .text(.path),
                example: "../var/events",
                "folder for the event log of each session, relative to this file; none without"
            ),
        ]
    )

    static func minutes(_ count: Int64) -> Duration { .seconds(count * 60) }
    static func days(_ count: Int64) -> Duration { .seconds(count * 86_400) }
}
