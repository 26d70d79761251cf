// SPDX-License-Identifier: Apache-2.0

extension ConfigSection {
    static let plugins = ConfigSection(
        anchor: "plugins",
        fields: [
            ConfigField(
                "folders",
                .texts,
                default: "plugins beside bin",
                "folders with one sub-folder a plugin, relative to this file"
            ),
            ConfigField("watch", .flag, default: "true", "whether changes of the folders are taken in while serving"),
            ConfigField(
                "self_test",
                .flag,
                default: "true",
                "whether a new build is tried with the profiles' settings before sessions get it"
            ),
            ConfigField(
                "max_generations",
                .integer(1...10_000),
                default: "16",
                "builds of one plugin loaded into one process, none of which can be unloaded"
            ),
            ConfigField("canary", .section(canary), "which sessions try a new build first"),
            ConfigField("isolation", .section(isolation), "which plugins run in helper processes, and how"),
            ConfigField("trust", .section(trust), "whose plugins may run in the server's own process"),
            ConfigField(
                "state",
                .text(.path),
                "folder for verified code and quarantine, relative to this file; without it code is kept in sealed memory"
            ),
        ]
    )

    private static let canary = ConfigSection(
        anchor: "canary",
        fields: [
            ConfigField("tenants", .texts, "tenants whose sessions try a new build"),
            ConfigField("percent", .integer(0...100), default: "0", "share of all other sessions that try it"),
            ConfigField(
                "promote_after",
                .duration(.zero...minutes(10_080)),
                default: "10m",
                "time after which it serves everybody, once enough sessions have tried it"
            ),
            ConfigField(
                "promote_sessions",
                .integer(0...1_000_000),
                default: "10",
                "sessions that must have ended on it"
            ),
        ]
    )

    private static let isolation = ConfigSection(
        anchor: "isolation",
        fields: [
            ConfigField(
                "of",
                .words(PluginsConfig.Isolation.Which.allCases.map(\.rawValue)),
                default: "untrusted",
                "plugins in helper processes: the untrusted, and libraries with one state for their process; all; or none"
            ),
            ConfigField(
                "grouping",
                .words(PluginsConfig.Isolation.Grouping.allCases.map(\.rawValue)),
                default: "per-tenant",
                "which sessions share a helper, and its crash"
            ),
            ConfigField(
                "sessions", .integer(1...256), default: "25", "sessions of a helper, beyond which another starts"),
            ConfigField(
                "spare", .flag, default: "true", "whether a helper waits, ready, for the next crash or overflow"),
            ConfigField("memory_mb", .integer(64...1_048_576), default: "2048", "address space of a helper, in MiB"),
            ConfigField("workers", .integer(1...256), default: "2", "threads of a helper for blocking work"),
        ]
    )

    private static let trust = ConfigSection(
        anchor: "trust",
        fields: [
            ConfigField(
                "keys", .texts,
                "key files, or folders of *.pub.json, whose signatures count; relative to this file"),
            ConfigField(
                "lock", .text(.path),
                "the lock file, relative to this file; by default plugins.lock in each plugin folder, if there is one"
            ),
        ]
    )
}
