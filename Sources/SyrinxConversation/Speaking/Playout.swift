// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The schedule of one speech's frames: the first leave at once, up to the lead, later ones on an absolute schedule that
/// starts afresh after a gap, so that a stall is never followed by a burst beyond the lead.
package struct Playout: Sendable, Equatable {
    private let frame: Duration
    private let lead: Duration
    /// When sample 0 would have been played, had there been no gap.
    private var anchor: Instant?
    package private(set) var frames = 0
    package private(set) var underruns = 0
    private var isStarved = false
    private var gain: Float = 1
    package var targetGain: Float = 1

    package init(options: PlayoutOptions) {
        frame = max(options.frame, .milliseconds(1))
        lead = max(options.lead, frame)
    }

    package var hasStarted: Bool { anchor != nil }

    /// The moment at which the next frame may leave.
    package var due: Instant {
        guard let anchor else { return .zero }
        return anchor + frame * (frames + 1) - lead
    }

    package func canSend(at now: Instant) -> Bool { due <= now }

    /// Counts a frame and says with which gain it is played.
    package mutating func send(at now: Instant) -> GainRamp {
        let seamless = anchor ?? now
        anchor = max(seamless, now - frame * frames)
        frames += 1
        isStarved = false
        defer { gain = targetGain }
        return GainRamp(from: gain, to: targetGain)
    }

    /// A frame was due and its audio is not here.
    package mutating func starve(at now: Instant) {
        guard hasStarted, !isStarved, now >= end else { return }
        isStarved = true
        underruns += 1
    }

    /// When everything sent has been played.
    package var end: Instant { anchor.map { $0 + frame * frames } ?? .zero }

    /// Everything sent, as far as its time has come.
    package func played(at now: Instant) -> Duration {
        guard let anchor else { return .zero }
        return min(max(now - anchor, .zero), frame * frames)
    }
}
