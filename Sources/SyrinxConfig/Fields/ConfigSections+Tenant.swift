// SPDX-License-Identifier: Apache-2.0

extension ConfigSection {
    static let tenant = ConfigSection(
        anchor: "tenants",
        effect: .newSessions,
        fields: [
            ConfigField(
                "profiles",
                .texts,
                example: "[reception, default]",
                "profiles it may use, the first where the caller names none; all without"
            ),
            ConfigField("providers", .section(providers), "stages it uses instead of those of its profiles"),
            voices,
            pronunciation,
            ConfigField("keys", .named(key), "its API keys, by name"),
            ConfigField("jwt", .named(jwt, by: .keyID), "keys of its signed tokens, by their `kid`"),
            ConfigField("route", .section(route), "what leads to it besides its keys"),
            ConfigField("limits", .section(tenantLimits), "how much of the server it gets"),
            ConfigField("records", .section(records), "what is kept of its sessions, and for how long"),
            ConfigField(
                "secrets",
                .values(.text(.secret), by: .variable),
                example: "{ FLITE_KEY: \"${env:ACME_KEY}\" }",
                "what `${secret:NAME}` stands for in its providers' `config` and `options`"
            ),
            ConfigField("webhooks", .named(webhook), "who is told of its sessions, by name"),
        ]
    )

    private static let providers = ConfigSection(
        anchor: "providers",
        effect: .newSessions,
        fields: [
            ConfigField("vad", .stage, "voice activity detection"),
            ConfigField("filters", .stages, "audio filters of the caller's side, in order"),
            ConfigField("stt", .stage, "speech to text"),
            ConfigField("turn", .stage, "judges whether the caller has finished"),
            ConfigField("agent", .stage, "answers"),
            ConfigField("tts", .stage, "text to speech"),
            ConfigField("s2s", .stage, "speech to speech, for pipeline s2s"),
            ConfigField("backend", .stage, "where sessions run"),
        ]
    )

    private static let key = ConfigSection(
        anchor: "keys",
        effect: .live,
        fields: [
            ConfigField("hash", .text(.hash), required: true, "SHA-256 of the whole key"),
            ConfigField(
                "scopes",
                .wordList(KeyConfig.Scope.allCases.map(\.rawValue)),
                default: "[talk]",
                "what it is good for: opening sessions, reading records, or ending and erasing"
            ),
            ConfigField("expires", .text(.time), "when it stops being a key"),
        ]
    )

    private static let jwt = ConfigSection(
        anchor: "jwt",
        effect: .live,
        fields: [
            ConfigField(
                "algorithm",
                .words(JWTConfig.Algorithm.allCases.map(\.rawValue)),
                required: true,
                "the one algorithm its tokens are signed with"
            ),
            ConfigField(
                "key", .text(.secret), example: "\"${file:acme.pem}\"", required: true,
                "public key in PEM; with HS256 the secret itself, of 32 bytes or more"),
            ConfigField("issuer", .text(.nonempty), example: "acme", required: true, "what the tokens say in `iss`"),
            ConfigField(
                "audience", .text(.nonempty), example: "syrinx", required: true, "what they say in `aud`"),
            ConfigField(
                "max_lifetime", .duration(.seconds(1)...days(366)), default: "1h", "longest time from `iat` to `exp`"),
        ]
    )

    private static let route = ConfigSection(
        anchor: "route",
        effect: .live,
        fields: [
            ConfigField("hosts", .list(.host), example: "[voice.acme.example]", "host names"),
            ConfigField("numbers", .list(.phoneNumber), example: "[\"+4930123456\"]", "called numbers"),
            ConfigField("paths", .list(.pathPart), example: "[acme]", "first parts of the path: `/acme/v1/talk`"),
        ]
    )

    private static let tenantLimits = ConfigSection(
        anchor: "quotas",
        effect: .live,
        fields: [
            ConfigField(
                "sessions", .integer(0...1_000_000), default: "0",
                "sessions at the same time, 0 for those of the server"),
            ConfigField(
                "reserved", .integer(0...1_000_000), default: "0", "of these, so many that no other tenant can take"),
            ConfigField(
                "creates_per_second", .number(0...100_000), default: "0",
                "sessions it may begin in a second, 0 for any number"),
            ConfigField("burst", .integer(1...1_000_000), default: "10", "sessions it may begin at once after a pause"),
            ConfigField(
                "minutes", .integer(0...1_000_000_000), default: "0",
                "minutes in a calendar month of UTC, 0 for any number"),
        ]
    )

    private static let records = ConfigSection(
        anchor: "records",
        effect: .newSessions,
        fields: [
            ConfigField("transcripts", .flag, default: "true", "whether what was said is kept"),
            ConfigField("recordings", .flag, default: "false", "whether the audio is recorded"),
            ConfigField(
                "keep", .duration(.zero...days(36_500)), default: "30d", "how long a record is kept, 0s for ever"),
            ConfigField(
                "keep_transcripts", .duration(.zero...days(36_500)), default: "0s",
                "how long its words are kept, 0s for as long as the record"),
            ConfigField(
                "keep_recordings", .duration(.zero...days(36_500)), default: "0s",
                "how long its audio is kept, 0s for as long as the record"),
            ConfigField(
                "redact", .wordList(RecordsConfig.Redaction.allCases.map(\.rawValue)), example: "[numbers, emails]",
                "what is taken out of words that are kept"),
            ConfigField("event_log", .flag, default: "false", "whether its sessions leave event logs"),
        ]
    )

    private static let webhook = ConfigSection(
        anchor: "webhooks",
        effect: .live,
        fields: [
            ConfigField("url", .text(.url), required: true, "where events are sent"),
            ConfigField("secret", .text(.secret), required: true, "key of the signature each of them carries"),
            ConfigField(
                "events",
                .wordList(WebhookConfig.Event.allCases.map(\.rawValue)),
                default: "[\(WebhookConfig.Event.allCases.map(\.rawValue).joined(separator: ", "))]",
                "which events are sent"
            ),
        ]
    )
}
