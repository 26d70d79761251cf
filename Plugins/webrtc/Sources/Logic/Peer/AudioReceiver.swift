// SPDX-License-Identifier: Apache-2.0

/// From RTP packets to an even stream of samples.
///
/// Times are in ns; every ``frame(at:)`` is 20 ms long, whatever the network does.
final class AudioReceiver {
    /// A frame whose peaks stay under this is silence: about -42 dBFS.
    private static let quietPeak = 260
    /// A frame is made of so many steps at most: packets may be as short as 2.5 ms, and some are skipped.
    private static let maximumSteps = 24

    private(set) var buffer: JitterBuffer
    private(set) var statistics: ReceptionStatistics?
    private let decoder: OpusVoiceDecoder
    private let frameSamples: Int
    private let rate: Int64
    private var unheard: [Int16] = []
    private var isQuiet = false
    private var heardAt: Int64 = 0

    init?(rate: Int, minimumDelay: Int, maximumDelay: Int) {
        guard let decoder = OpusVoiceDecoder(rate: rate) else { return nil }
        self.decoder = decoder
        self.rate = Int64(rate)
        frameSamples = rate / 50
        buffer = JitterBuffer(
            estimator: DelayEstimator(
                minimum: Int64(minimumDelay) * 48, initial: 60 * 48, maximum: Int64(maximumDelay) * 48)
        )
    }

    /// The wait of a packet, in ms.
    var delayMilliseconds: Int64 { buffer.estimator.target / 48 }

    /// False for what is no audio of this call's source.
    func receive(_ packet: RTPPacket, at now: Int64) -> Bool {
        guard accepts(packet.source, at: now), let duration = OpusVoiceDecoder.duration(packet.payload) else {
            return false
        }
        heardAt = now
        let arrival = Self.clock(now)
        let place = buffer.insert(
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            JitterBuffer.Packet(
                sequence: 0,
                timestamp: 0,
                duration: duration,
                arrival: arrival,
                isFiller: packet.payload.count <= 2,
                hasRedundancy: OpusVoiceDecoder.hasRedundancy(packet.payload),
                payload: Array(packet.payload)
            )
        )
        guard let place else { return false }
        statistics?.note(sequence: place.sequence, timestamp: place.timestamp, at: arrival)
        return true
    }

    /// A key's packet, which is no audio but counts as received.
    func receive(event packet: RTPPacket, at now: Int64) {
        guard statistics?.source == packet.source else { return }
        let arrival = Self.clock(now)
        let event = JitterBuffer.Packet(sequence: 0, timestamp: 0, duration: 0, arrival: arrival, isEvent: true)
        let place = buffer.insert(sequence: packet.sequence, timestamp: packet.timestamp, event)
        if let place { statistics?.note(sequence: place.sequence) }
    }

    func receive(_ report: RTCPReport.Sender, at now: Int64) {
        guard report.source == statistics?.source else { return }
        statistics?.note(senderReport: report.ntp, at: now)
    }

    func report(at now: Int64) -> RTCPReport.Block? { statistics?.report(at: now) }

    /// When the packet that is the next to be heard has waited for long enough; nil while one plays or none is there.
    var startsAt: Int64? { buffer.startsAt.map { ($0 + 2) * 125_000 / 6 } }

    /// The next 20 ms; nil as long as nothing has come.
    func frame(at now: Int64) -> [Int16]? {
        let time = Self.clock(now)
        var steps = 0
        while unheard.count < frameSamples, steps < Self.maximumSteps {
            steps += 1
            let waiting = Int64(unheard.count) * 48_000 / rate
            guard take(buffer.next(at: time, unheard: waiting, isQuiet: isQuiet)) else { return nil }
        }
        let missing = frameSamples - unheard.count
        if missing > 0 { unheard += repeatElement(0, count: missing) }
        defer { unheard.removeFirst(frameSamples) }
        return Array(unheard.prefix(frameSamples))
    }

    private func take(_ step: JitterBuffer.Step) -> Bool {
        switch step {
        case .nothing: return false
        case .play(let packet): append(decoder.decode(packet.payload))
        case .skip(let packet): _ = decoder.decode(packet.payload)
        case .recover(let packet, let duration): append(decoder.recover(from: packet.payload, duration: duration))
        case .conceal(let duration), .comfort(let duration): append(decoder.conceal(duration))
        }
        return true
    }

    private func append(_ samples: ArraySlice<Int16>) {
        unheard += samples
        isQuiet = samples.allSatisfy { abs(Int($0)) < Self.quietPeak }
    }

    /// One source at a time; another one takes over when it has fallen silent.
    private func accepts(_ source: UInt32, at now: Int64) -> Bool {
        if statistics?.source == source { return true }
        guard statistics == nil || now - heardAt > 100_000_000 else { return false }
        statistics = ReceptionStatistics(source: source)
        return true
    }

    /// In 1/48000 s.
    private static func clock(_ nanoseconds: Int64) -> Int64 { nanoseconds / 1_000 * 48 / 1_000 }
}
