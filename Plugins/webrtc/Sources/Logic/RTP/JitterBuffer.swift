// SPDX-License-Identifier: Apache-2.0

/// Puts packets back into order and decides, step by step, what is to be heard.
///
/// It holds no audio and no clock: times are arguments, in 1/48000 s, and what comes out is a ``Step`` for the decoder.
/// The first packet waits for the target delay; from then on the source's timestamps set the pace. The delay is brought
/// back to the target in silence, or at any time when it is far off: that also takes up the drift of the clocks.
struct JitterBuffer {
    struct Packet: Equatable {
        var sequence: Int64
        var timestamp: Int64
        var duration: Int64
        var arrival: Int64
        /// Says "nothing to hear" (DTX).
        var isFiller = false
        /// Takes a place in the order, but none in time: a key (RFC 4733).
        var isEvent = false
        /// Carries a copy of the packet before it (FEC).
        var hasRedundancy = false
        var payload: [UInt8] = []
    }

    enum Step: Equatable {
        /// Nothing has come yet.
        case nothing
        case play(Packet)
        /// Decode it for the decoder's sake, but let nobody hear it.
        case skip(Packet)
        /// The packet before this one is lost; its copy in this one is not.
        case recover(from: Packet, duration: Int64)
        /// Lost or late: invent something.
        case conceal(Int64)
        /// Silence that the source did not send.
        case comfort(Int64)
    }

    struct Counts: Equatable {
        var received = 0
        var played = 0
        var lost = 0
        var recovered = 0
        var concealed = 0
        var late = 0
        var duplicate = 0
        var skipped = 0
        var stretched = 0
        var resynchronised = 0
        var overflowed = 0
    }

    /// 20 ms.
    static let frame: Int64 = 960
    /// At most so many packets wait; the oldest makes room.
    static let capacity = 100
    /// A hole of more than this is no loss to be concealed.
    private static let longestHole = 12 * frame
    /// Beyond this the source has begun anew.
    private static let farAway: Int64 = 500

    private(set) var counts = Counts()
    private(set) var estimator: DelayEstimator
    private var packets: [Packet] = []
    private var sequences = Unwrapper<UInt16>()
    private var timestamps = Unwrapper<UInt32>()
    private var isPlaying = false
    private var hasPlayed = false
    private var nextSequence: Int64 = 0
    private var nextTimestamp: Int64 = 0
    /// What was invented since the buffer ran empty, and how many frames of it would be concealment: whether the source
    /// was silent or the network slow, the next packet tells.
    private var waited: Int64 = 0
    private var unsettled = 0
    private var isInSilence = false
    /// Holes that were given up, to tell late packets from duplicates.
    private var missing: [Int64] = []
    private var strange: UInt16?

    init(estimator: DelayEstimator) {
        self.estimator = estimator
    }

    /// How many packets wait.
    var depth: Int { packets.count }

    /// When the first packet's turn will be; nil unless it waits for that.
    var startsAt: Int64? { isPlaying ? nil : packets.first.map { $0.arrival + estimator.target } }

    // MARK: In

    /// Takes a packet; returns its unwrapped numbers, or nil when it is not part of the stream.
    @discardableResult
    mutating func insert(
        sequence: UInt16,
        timestamp: UInt32,
        _ packet: Packet
    ) -> (sequence: Int64, timestamp: Int64)? {
        guard follows(sequence, timestamp) else { return nil }
        var packet = packet
        packet.sequence = sequences.unwrap(sequence)
        counts.received += 1
        if packet.isEvent {
            packet.timestamp = timestamps.peek(timestamp)
            store(packet)
            return (packet.sequence, packet.timestamp)
        }
        packet.timestamp = timestamps.unwrap(timestamp)
        estimator.note(transit: packet.arrival - packet.timestamp)
        store(packet)
        return (packet.sequence, packet.timestamp)
    }

    /// A jump far away has to be confirmed by the packet after it (RFC 3550, A.1).
    private mutating func follows(_ sequence: UInt16, _ timestamp: UInt32) -> Bool {
        guard let last = sequences.last, let lastTime = timestamps.last else { return true }
        let distance = sequences.peek(sequence) - last
        let jump = timestamps.peek(timestamp) - lastTime
        if abs(distance) <= Self.farAway, abs(jump) <= 48_000 * 60 {
            strange = nil
            return true
        }
        guard strange == sequence else {
            strange = sequence &+ 1
            return false
        }
        restart()
        return true
    }

    /// The stream begins anew; what waits is of the old one.
    private mutating func restart() {
        counts.resynchronised += 1
        packets = []
        missing = []
        sequences = Unwrapper()
        timestamps = Unwrapper()
        estimator.reset()
        strange = nil
        isPlaying = false
        waited = 0
    }

    private mutating func store(_ packet: Packet) {
        if isPlaying, packet.sequence < nextSequence { return noteOld(packet) }
        let place = packets.lastIndex { $0.sequence <= packet.sequence }
        if let place, packets[place].sequence == packet.sequence {
            counts.duplicate += 1
            return
        }
        packets.insert(packet, at: (place ?? -1) + 1)
        if packets.count > Self.capacity {
            packets.removeFirst()
            counts.overflowed += 1
        }
    }

    private mutating func noteOld(_ packet: Packet) {
        guard let index = missing.firstIndex(of: packet.sequence) else {
            counts.duplicate += 1
            return
        }
        missing.remove(at: index)
        counts.late += 1
        let turn = nextTimestamp - packet.timestamp
        estimator.note(lateBy: turn)
    }

    // MARK: Out

    /// What to decode next.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - unheard: Decoded audio that was not heard yet.
    ///   - isQuiet: The last of it was silent: a frame more or less is not noticed.
    mutating func next(at now: Int64, unheard: Int64 = 0, isQuiet: Bool) -> Step {
        dropEvents()
        guard let first = packets.first else { return runEmpty() }
        guard isPlaying || begin(first, now) else { return hasPlayed ? .comfort(Self.frame) : .nothing }
        if let step = bridge(to: first, now) { return step }
        return adapt(
            first, delay: now - unheard - nextTimestamp - estimator.fastest, isQuiet: isQuiet || first.isFiller)
    }

    /// Keys are read as they come; here they only are no holes.
    private mutating func dropEvents() {
        while let first = packets.first, first.isEvent {
            packets.removeFirst()
            guard isPlaying else { continue }
            noteMissing(upTo: first.sequence)
            nextSequence = max(nextSequence, first.sequence + 1)
            isInSilence = true
        }
    }

    private mutating func runEmpty() -> Step {
        guard isPlaying else { return hasPlayed ? .comfort(Self.frame) : .nothing }
        waited += Self.frame
        guard !isInSilence, waited <= Self.longestHole else { return .comfort(Self.frame) }
        unsettled += 1
        return .conceal(Self.frame)
    }

    private mutating func begin(_ first: Packet, _ now: Int64) -> Bool {
        guard now - first.arrival >= estimator.target else { return false }
        isPlaying = true
        hasPlayed = true
        nextSequence = first.sequence
        nextTimestamp = first.timestamp
        waited = 0
        return true
    }

    /// What lies between the last packet and the next one; nil when it is the next one's turn.
    private mutating func bridge(to first: Packet, _ now: Int64) -> Step? {
        nextTimestamp = min(nextTimestamp, first.timestamp)
        // A gap in time with no packet missing was silence, however it sounded.
        if first.sequence > nextSequence || first.timestamp == nextTimestamp { counts.concealed += unsettled }
        unsettled = 0
        // What was invented while nothing came was this hole.
        let filled = min(waited, first.timestamp - nextTimestamp)
        nextTimestamp += filled
        waited -= filled
        let hole = first.timestamp - nextTimestamp
        guard hole > 0 else {
            // The source paused without saying so: start as at the beginning.
            if waited > Self.longestHole, now - first.arrival < estimator.target {
                isPlaying = false
                return .comfort(Self.frame)
            }
            waited = 0
            return nil
        }
        let piece = min(Self.frame, hole)
        guard first.sequence > nextSequence else {
            // No packet is missing: the source was silent (DTX).
            isInSilence = true
            nextTimestamp = hole > 48_000 * 2 ? first.timestamp : nextTimestamp + piece
            return .comfort(piece)
        }
        noteMissing(upTo: first.sequence)
        guard hole <= Self.longestHole else {
            nextTimestamp = hole > 48_000 * 2 ? first.timestamp : nextTimestamp + piece
            return .comfort(piece)
        }
        nextTimestamp += piece
        if first.hasRedundancy, hole <= first.duration {
            counts.recovered += 1
            nextTimestamp = first.timestamp
            return .recover(from: first, duration: hole)
        }
        counts.concealed += 1
        return .conceal(piece)
    }

    private mutating func noteMissing(upTo sequence: Int64) {
        let from = max(nextSequence, missing.last.map { $0 + 1 } ?? nextSequence, sequence - 64)
        guard from < sequence else { return }
        counts.lost += Int(sequence - from)
        missing += from..<sequence
        if missing.count > 64 { missing.removeFirst(missing.count - 64) }
    }

    /// It is this packet's turn: hear it, skip it because the delay is too long, or let it wait because it is too short.
    private mutating func adapt(_ first: Packet, delay: Int64, isQuiet: Bool) -> Step {
        let excess = delay - estimator.target
        if isQuiet, excess < -Self.frame {
            counts.stretched += 1
            return .comfort(Self.frame)
        }
        noteMissing(upTo: first.sequence)
        packets.removeFirst()
        nextSequence = first.sequence + 1
        nextTimestamp = first.timestamp + first.duration
        isInSilence = first.isFiller
        if packets.count > 1, excess > 5 * Self.frame || isQuiet && excess > 2 * Self.frame {
            counts.skipped += 1
            return .skip(first)
        }
        counts.played += 1
        return .play(first)
    }
}
