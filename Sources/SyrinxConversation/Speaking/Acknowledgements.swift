// SPDX-License-Identifier: Apache-2.0

/// The client's count of samples played since the session began, mapped to the speech that plays.
package struct Acknowledgements: Sendable, Equatable {
    private var total = 0
    private var base = 0
    private var wasCleared = false
    /// This client acknowledges at all.
    package private(set) var isAcknowledging = false

    package init() {}

    package mutating func played(_ samples: Int) {
        guard samples >= 0 else { return }
        isAcknowledging = true
        total = max(total, samples)
    }

    /// First frame of a speech. After a clear nobody knows how much of the old audio was dropped, but whatever the
    /// client counted before the new audio left belongs to the old.
    package mutating func speechBegan() {
        if wasCleared { base = total }
        wasCleared = false
    }

    package mutating func speechFinished(sent: Int) { base &+= sent }
    package mutating func cleared() { wasCleared = true }

    /// Samples of the speech that were played.
    package var position: Int { max(total &- base, 0) }
}
