// SPDX-License-Identifier: Apache-2.0

/// What was removed.
package struct Erasure: Sendable, Hashable {
    package var sessions = 0
    /// Turns that are gone, or whose words are.
    package var turns = 0
    package var recordings = 0
    /// Recordings that should have gone and could not be removed.
    package var kept = 0

    package init() {}

    mutating func add(_ other: Erasure) {
        sessions += other.sessions
        turns += other.turns
        recordings += other.recordings
        kept += other.kept
    }
}
