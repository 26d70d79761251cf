// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The record of one session, as it is stored.
package struct SessionRecord: Sendable, Hashable {
    package var id: String
    package var tenant: String
    package var user: String?
    package var profile: String
    package var providers: [String: String]
    package var traceparent: String?
    package var peer: String?
    /// The run of the host that held it.
    package var hostRun: String
    package var startedAt: Int64
    /// Nil as long as it is open.
    package var endedAt: Int64?
    package var reason: String?
    package var errorCode: String?
    package var totals: SessionTotals
    /// Whether words, and audio, are kept of it.
    package var keepsTranscripts: Bool
    package var recording: RecordingResult?

    package var json: JSONValue {
        [
            "id": .string(id), "tenant": .string(tenant), "user": JSONValue(user), "profile": .string(profile),
            "providers": .object(providers.mapValues { .string($0) }), "traceparent": JSONValue(traceparent),
            "peer": JSONValue(peer), "state": endedAt == nil ? "open" : "closed",
            "started_at": JSONValue(time: startedAt), "ended_at": JSONValue(time: endedAt),
            "duration_ms": JSONValue(endedAt.map { max(0, UTCDay.clamped($0) - UTCDay.clamped(startedAt)) }),
            "reason": JSONValue(reason), "error": JSONValue(errorCode), "totals": totals.json,
            "transcripts": .bool(keepsTranscripts), "recording": recording?.json ?? .null,
        ]
    }
}

/// What became of a session's recording.
package struct RecordingResult: Sendable, Hashable {
    /// Why a recording ended.
    package enum Reason: String, Sendable, CaseIterable {
        /// With the session.
        case finished
        case diskFull = "disk_full"
        case ioError = "io_error"
        /// The disk did not keep up.
        case slow
        case tooLarge = "too_large"
        /// The file could not be begun.
        case refused
    }

    package var reason: Reason
    /// Milliseconds, and bytes of the file.
    package var duration: Int64
    package var bytes: Int64

    package init(reason: Reason, duration: Int64, bytes: Int64) {
        self.reason = reason
        self.duration = duration
        self.bytes = bytes
    }

    package var json: JSONValue {
        ["reason": .string(reason.rawValue), "duration_ms": .int(duration), "bytes": .int(bytes)]
    }
}
