// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Where records go, and how much may wait for the disk.
package struct StoreOptions: Sendable {
    /// The database's file. Its folder is made (0700) if there is none.
    package var database: String
    /// The folder of recordings; without one nothing is recorded.
    package var recordings: String?
    /// Writes, and bytes of text in them, that may wait. Beyond either, turns are dropped; starts and ends, which are
    /// few and matter more, are dropped at twice as many.
    package var maximumWaiting = 4096
    package var maximumWaitingBytes = 16 << 20
    /// How large the database may grow, in bytes; 0 for as large as the disk lets it.
    package var maximumBytes: Int64 = 0
    /// Other processes that say the same may have the database open as well, while one takes over from another.
    package var isShared = false
    /// When a write is tried again that found no room or no access.
    package var retryAfter = Duration.seconds(1)

    package init(database: String, recordings: String? = nil) {
        self.database = database
        self.recordings = recordings
    }
}

/// What the operator should hear of. Comes on any thread, must be quick, and may not call the store.
package enum StoreSignal: Sendable, Hashable {
    /// Writes are being dropped, so many by now; said once until the store keeps up again.
    case dropping(total: Int)
    /// Writes wait because of this; said once until they are done.
    case failing(SyrinxError)
    case recovered
    /// A damaged database was set aside under this name, and a new one begun.
    case setAside(String)
}

/// Counts since the store was opened.
package struct StoreCounters: Sendable, Hashable {
    package var written = 0
    /// Lost because too many waited.
    package var dropped = 0
    /// Lost because the database refused them, or because ids were not plain.
    package var refused = 0
    /// Without effect: a second start or end, a turn of a session that is not known (any more).
    package var ignored = 0
    /// Attempts that failed, by the error's code.
    package var failures: [String: Int] = [:]
    /// Waiting right now.
    package var waiting = 0
}
