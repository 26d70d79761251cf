// SPDX-License-Identifier: Apache-2.0

/// What of the agent's audio the caller has probably heard.
///
/// No report of RTCP says it. It is worked out from when each frame was due, half of the round trip, and how long the peer
/// is likely to hold packets: 40 ms, or three times the jitter that it reports.
struct FarPlayout {
    /// 4 s of frames, as many as may wait to be sent; the oldest goes.
    private static let capacity = 200
    /// Between two words about it, in ns.
    private static let interval: Int64 = 100_000_000
    private static let leastWait: Int64 = 40_000_000
    /// Whatever the peer reports.
    private static let longestDelay: Int64 = 500_000_000

    private struct Frame {
        /// Of its last sample, in the host's count.
        var position: Int64
        var endsAt: Int64
    }

    private var sent: [Frame] = []
    private var told: Int64 = 0
    private var toldAt = Int64.min
    private var roundTrip: Int64 = 0
    private var jitter: Int64 = 0

    /// From the end of a frame here to its end at the caller's ear, in ns.
    var delay: Int64 { min(roundTrip / 2 + max(Self.leastWait, 3 * jitter), Self.longestDelay) }

    /// A frame was sent; times in ns.
    mutating func note(position: Int64, endsAt: Int64) {
        if sent.count == Self.capacity { sent.removeFirst() }
        sent.append(Frame(position: position, endsAt: endsAt))
    }

    /// What the peer says about the way to it.
    mutating func note(_ block: RTCPReport.Block, at now: Int64) {
        // To ns, of the source's clock of 48 kHz.
        jitter = Int64(block.jitter) * 1_000_000 / 48
        // RFC 3550, 6.4.1: in 1/65536 s, which wrap around.
        let middle = UInt32(truncatingIfNeeded: AudioSender.ntp(now) >> 16)
        let trip = middle &- block.lastReport &- block.sinceLastReport
        guard block.lastReport != 0, trip < 2 * 65_536 else { return }
        roundTrip = Int64(trip) * 1_000_000_000 / 65_536
    }

    /// Nobody waits for what was sent so far: it counts as over.
    mutating func clear(position: Int64) {
        sent = [Frame(position: position, endsAt: .min)]
        toldAt = .min
    }

    /// The position of the last sample that was heard, when it is time to tell it.
    mutating func heard(at now: Int64) -> Int64? {
        guard !sent.isEmpty else { return nil }
        let latest = now - delay
        let over = sent.prefix { $0.endsAt <= latest }.count
        // The end of an answer is told at once.
        guard over > 0, over == sent.count || now - Self.interval >= toldAt else { return nil }
        let position = sent[over - 1].position
        sent.removeFirst(over)
        guard position > told else { return nil }
        told = position
        toldAt = now
        return position
    }
}
