// SPDX-License-Identifier: Apache-2.0

/// What the peer's reports of loss call for: less for the network to carry, and more copies in what it carries.
///
/// Additive increase, multiplicative decrease. A little loss is the way of radio and says nothing of congestion.
struct RateControl: Equatable {
    /// Beyond this part of lost packets, in 1/256, less is sent: 10 %.
    private static let much = 26
    /// Up to this part more is sent: 2 %.
    private static let little = 5
    /// What opus needs for wideband with copies, in bits a second.
    private static let least = 16_000
    /// Bits a second more for each second without loss.
    private static let increase: Int64 = 400
    /// Reports in between tell too little for a decision, in ns.
    private static let interval: Int64 = 500_000_000
    /// What a longer silence of the peer may be worth at most.
    private static let longest: Int64 = 10_000_000_000

    private let minimum: Int
    private let maximum: Int
    /// Bits a second.
    private(set) var bitrate: Int
    /// For the encoder, which makes its copies by it.
    private(set) var lossPercent = 5
    private var decidedAt: Int64?

    /// - Parameter bitrate: At most, in bits a second.
    init(bitrate: Int) {
        self.bitrate = bitrate
        maximum = bitrate
        minimum = min(Self.least, bitrate)
    }

    /// Takes a report.
    ///
    /// - Parameters:
    ///   - fractionLost: Of the packets since the last report, in 1/256.
    ///   - now: In ns.
    mutating func note(fractionLost: UInt8, at now: Int64) {
        let elapsed = decidedAt.map { min(max(now - $0, 0), Self.longest) } ?? Self.interval
        guard elapsed >= Self.interval else { return }
        decidedAt = now
        let lost = Int(fractionLost)
        // Quick to rise and slow to fall; a little more than was lost, for what is lost next is not known yet.
        lossPercent = max(lost * 100 / 256 + 2, lossPercent * 3 / 4)
        if lost > Self.much {
            // By half of the lost part.
            bitrate = max(minimum, bitrate * (512 - lost) / 512)
        } else if lost <= Self.little {
            bitrate = min(maximum, bitrate + Int(Self.increase * elapsed / 1_000_000_000))
        }
    }
}
