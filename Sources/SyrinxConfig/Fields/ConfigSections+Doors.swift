// SPDX-License-Identifier: Apache-2.0

extension ConfigSection {
    static let door = ConfigSection(
        anchor: "doors",
        effect: .newSessions,
        fields: [
            ConfigField(
                "transport", .stage,
                "lets callers in at `/doors/NAME`: a telephone company's sockets, a browser's WebRTC"),
            ConfigField("backend", .stage, "reaches callers: `POST /v1/calls` places a call with it"),
            ConfigField(
                "tenant", .text(), example: "acme",
                "whose calls they are; without, the only tenant's, or that of the called number"),
            ConfigField(
                "profile", .text(), example: "default", "how they talk; the tenant's first profile without"),
            ConfigField(
                "rate", .integer(8_000...48_000), example: "8000",
                "sample rate of both directions in Hz; the provider's own without"),
            ConfigField(
                "send_keys", .flag, default: "false",
                "whether the agent has a tool `send_keys`, which presses keys at the far end"),
            ConfigField(
                "hear_tones", .flag, default: "false",
                "whether the caller's keys are heard in the audio, and not taken from the plugin"),
            ConfigField(
                "numbers", .named(calledNumber, by: .phoneNumber), "where calls of single numbers lead instead"),
            ConfigField(
                "realtime", .flag, default: "false",
                "calls come by `POST /v1/realtime/calls` with an API key instead of by `/doors/NAME`: OpenAI's Realtime protocol over WebRTC; tenant and profile are those of the key and of `model`"
            ),
        ]
    )

    private static let calledNumber = ConfigSection(
        anchor: "doors",
        effect: .newSessions,
        fields: [
            ConfigField("tenant", .text(), example: "acme", "whose calls to this number are; the door's without"),
            ConfigField(
                "profile", .text(), example: "default",
                "how they talk; without, the door's, or the first of another tenant"),
        ]
    )
}
