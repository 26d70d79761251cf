// SPDX-License-Identifier: Apache-2.0

/// How callers reach a tenant besides the protocols of the server itself: through a plugin.
package struct DoorConfig: Hashable, Sendable {
    /// A provider of kind transport: it answers under `/doors/NAME`.
    package var transport: StageConfig?
    /// A provider of kind backend: calls are placed with it by `POST /v1/calls`.
    package var backend: StageConfig?
    /// Nil = the only one, or that of the called number.
    package var tenant: String?
    /// Nil = the tenant's first.
    package var profile: String?
    /// Hz of both directions; nil = the provider's own.
    package var rate: Int?
    /// It serves `/v1/realtime/calls`, and nobody else.
    package var isRealtime = false
    /// The agent may press keys at the far end.
    package var sendsKeys = false
    /// The caller's keys are heard in the audio.
    package var hearsTones = false
    /// Where calls of single numbers lead instead.
    package var numbers: [String: NumberConfig] = [:]

    /// What is said of one called number; nil = as the door.
    package struct NumberConfig: Hashable, Sendable {
        package var tenant: String?
        package var profile: String?
    }

    package init() {}

    init(_ checked: CheckedSection) {
        transport = checked.stage("transport")?.stage
        backend = checked.stage("backend")?.stage
        tenant = checked.text("tenant")
        profile = checked.text("profile")
        rate = checked.integer("rate")
        sendsKeys = checked.flag("send_keys") ?? sendsKeys
        hearsTones = checked.flag("hear_tones") ?? hearsTones
        numbers = checked.named("numbers").mapValues {
            NumberConfig(tenant: $0.text("tenant"), profile: $0.text("profile"))
        }
        isRealtime = checked.flag("realtime") ?? false
    }

    /// With the key that each stands under.
    package var stages: [(key: String, stage: StageConfig)] {
        [("transport", transport), ("backend", backend)].compactMap { key, stage in stage.map { (key, $0) } }
    }
}
