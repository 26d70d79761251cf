// SPDX-License-Identifier: Apache-2.0

/// How one source arrives (RFC 3550, 6.4.1 and A.8), for the report that goes back to it.
struct ReceptionStatistics {
    let source: UInt32
    private(set) var received: Int64 = 0
    private var base: Int64 = 0
    private var highest: Int64 = -1
    private var transit: Int64?
    private var jitter: Double = 0
    private var reported: (expected: Int64, received: Int64) = (0, 0)
    private var senderReport: (middle: UInt32, at: Int64)?

    init(source: UInt32) {
        self.source = source
    }

    /// A packet whose time says nothing about the network.
    ///
    /// - Parameter sequence: The packet's, unwrapped.
    mutating func note(sequence: Int64) {
        if highest < 0 || abs(sequence &- highest) > 3_000 {
            base = sequence
            highest = sequence
            received = 0
            reported = (0, 0)
            transit = nil
        }
        received += 1
        base = min(base, sequence)
        highest = max(highest, sequence)
    }

    /// A packet; times are in 1/48000 s, that of the packet is unwrapped.
    mutating func note(sequence: Int64, timestamp: Int64, at now: Int64) {
        note(sequence: sequence)
        let transit = now &- timestamp
        if let last = self.transit { jitter += (Double(abs(transit &- last)) - jitter) / 16 }
        self.transit = transit
    }

    mutating func note(senderReport ntp: UInt64, at now: Int64) {
        senderReport = (UInt32(truncatingIfNeeded: ntp >> 16), now)
    }

    /// The report since the last one; `now` in ns.
    mutating func report(at now: Int64) -> RTCPReport.Block {
        let expected = highest < 0 ? 0 : highest - base + 1
        let interval = (expected: expected - reported.expected, received: received - reported.received)
        reported = (expected, received)
        let lost = max(0, interval.expected - interval.received)
        var block = RTCPReport.Block(source: source)
        block.fractionLost = interval.expected > 0 ? UInt8(clamping: lost * 256 / interval.expected) : 0
        block.lost = Int32(clamping: min(max(expected - received, -0x80_0000), 0x7F_FFFF))
        block.highestSequence = UInt32(truncatingIfNeeded: max(0, highest))
        block.jitter = UInt32(max(0, min(jitter, 1e9)))
        if let senderReport {
            block.lastReport = senderReport.middle
            block.sinceLastReport = UInt32(clamping: max(0, now - senderReport.at) / 1_000 * 65_536 / 1_000_000)
        }
        return block
    }
}

/// Makes 64 bit numbers of those that wrap around.
struct Unwrapper<Wrapped: FixedWidthInteger & UnsignedInteger> {
    private(set) var last: Int64?

    /// The number nearest to the last one.
    func peek(_ value: Wrapped) -> Int64 {
        // High enough that what comes before the first is not negative.
        guard let last else { return 1 << 40 | Int64(truncatingIfNeeded: value) }
        let distance = value &- Wrapped(truncatingIfNeeded: last)
        let half = Wrapped(1) << Wrapped(Wrapped.bitWidth - 1)
        return distance < half
            ? last &+ Int64(truncatingIfNeeded: distance) : last &- Int64(truncatingIfNeeded: 0 &- distance)
    }

    mutating func unwrap(_ value: Wrapped) -> Int64 {
        let result = peek(value)
        last = max(last ?? result, result)
        return result
    }
}
