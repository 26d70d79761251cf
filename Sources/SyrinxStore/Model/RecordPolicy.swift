// SPDX-License-Identifier: Apache-2.0

/// What a tenant lets us keep of its sessions, and for how long. A session keeps the policy that it began with.
package struct RecordPolicy: Sendable, Hashable {
    /// Whether what was said is kept. If not, no word of it ever touches the disk.
    package var transcripts: Bool
    /// Whether the audio is recorded.
    package var recordings: Bool
    /// How long the record, its words and its audio are kept, from the session's start; nil for ever. What goes with
    /// the record goes no later than the record.
    package var keep: Duration?
    package var keepTranscripts: Duration?
    package var keepRecordings: Duration?

    package init(
        transcripts: Bool = true, recordings: Bool = false, keep: Duration? = nil, keepTranscripts: Duration? = nil,
        keepRecordings: Duration? = nil
    ) {
        self.transcripts = transcripts
        self.recordings = recordings
        self.keep = keep
        self.keepTranscripts = keepTranscripts
        self.keepRecordings = keepRecordings
    }
}
