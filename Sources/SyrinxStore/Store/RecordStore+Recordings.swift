// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import SyrinxCore

extension RecordStore {
    /// Where a session is to be recorded; nil when its policy or the absence of a folder says that it is not.
    package func recordingFile(for start: SessionStart) -> RecordingFile? {
        guard start.policy.recordings else { return nil }
        return recordingFile(session: start.id, tenant: start.tenant, startedAt: start.startedAt)
    }

    func recordingFile(session: String, tenant: String, startedAt: Int64) -> RecordingFile? {
        options.recordings.flatMap {
            RecordingFile(folder: $0, tenant: tenant, session: session, startedAt: UTCDay.clamped(startedAt))
        }
    }

    /// - Returns: whether there was one.
    /// - Throws: `store.recording_kept` when it cannot be removed.
    func removeRecording(session: String, tenant: String, startedAt: Int64) throws -> Bool {
        guard let file = recordingFile(session: session, tenant: tenant, startedAt: startedAt) else { return false }
        guard let removed = file.remove() else {
            throw SyrinxError(
                "store.recording_kept", "a recording could not be removed", fix: "see who owns the file, then repeat",
                place: file.path, retryable: true)
        }
        return removed
    }
}
