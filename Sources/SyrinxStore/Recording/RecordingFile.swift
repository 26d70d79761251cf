// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Where a session's recording lies: `FOLDER/TENANT/2026-11-28/ID.wav`, by the UTC day on which the session began. The
/// place follows from the record, so that erasing finds it whatever became of the recording.
package struct RecordingFile: Sendable, Hashable {
    let folder: String
    let tenant: String
    let day: String
    let session: String

    /// Nil for ids that are not plain (``RecordID``).
    package init?(folder: String, tenant: String, session: String, startedAt: Int64) {
        guard RecordID.isValid(tenant), RecordID.isValid(session), !folder.isEmpty else { return nil }
        self.folder = folder
        self.tenant = tenant
        self.session = session
        day = UTCDay.text(of: startedAt)
    }

    package var path: String { "\(folder)/\(tenant)/\(day)/\(session).wav" }

    var exists: Bool { access(path, R_OK) == 0 }

    /// Makes the folders (0700) and the file (0600), which must not be there yet.
    /// - Returns: the descriptor, or nil with `errno`.
    func create() -> Int32? {
        for _ in 0..<2 {
            for name in [folder, "\(folder)/\(tenant)", "\(folder)/\(tenant)/\(day)"] { mkdir(name, 0o700) }
            let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            if file >= 0 { return file }
            // The day's folder may have gone with its last recording just now.
            if errno != ENOENT { return nil }
        }
        return nil
    }

    /// Removes the file, and folders that are empty then.
    /// - Returns: whether a file was removed; nil when there is one that cannot be.
    func remove() -> Bool? {
        let removed = unlink(path) == 0
        guard removed || errno == ENOENT || errno == ENOTDIR else { return nil }
        if removed { rmdir("\(folder)/\(tenant)/\(day)") }
        return removed
    }
}
