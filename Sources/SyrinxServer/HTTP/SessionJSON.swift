// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// A live session as the API shows it.
enum SessionJSON {
    static func object(_ session: CallStatus.Snapshot, now: Instant) -> JSONValue {
        [
            "session": .string(session.id), "profile": .string(session.profile), "tenant": .string(session.tenant),
            "user": .string(session.user), "state": .string(session.state.rawValue), "rate": .int(Int64(session.rate)),
            "pipeline": .string(session.pipeline.rawValue), "language": .string(session.language),
            "turns": .int(Int64(session.turns)), "recording_paused": .bool(session.recordingIsPaused),
            "age_ms": .int((now - session.createdAt).nanoseconds / 1_000_000),
        ]
    }
}
