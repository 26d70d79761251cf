// SPDX-License-Identifier: Apache-2.0

/// From samples to RTP packets, at most a little faster than real time.
///
/// The host gives 20 ms every 20 ms. What comes in a burst waits here, so that it can still be thrown away.
final class AudioSender {
    /// What may be sent ahead of its time, in ns: the unevenness of the host's timers.
    private static let ahead: Int64 = 60_000_000
    private static let frameTime: Int64 = 20_000_000
    /// A pause longer than this is one: the time goes on, and the next packet is marked.
    private static let pause: Int64 = 40_000_000
    /// 4 s; then the oldest goes.
    private static let maximumWaiting = 200
    /// After the last frame silence is sent until the encoder says so, for at most 600 ms: without that word the peer would
    /// take the end of an answer for loss.
    private static let maximumTail = 30

    private struct Frame {
        var generation: UInt64
        var samples: ArraySlice<Int16>
        /// Of its last sample, in the host's count; nil for what the host did not give.
        var position: Int64?
    }

    let source: UInt32
    private let encoder: OpusVoiceEncoder
    private let opusType: UInt8
    private let keyType: UInt8?
    private var waiting: [Frame] = []
    private var rest: (generation: UInt64, samples: [Int16]) = (0, [])
    /// Of the last sample that came, in the host's count.
    private var position: Int64 = 0
    private var rateControl: RateControl
    private var playout = FarPlayout()
    private var keys = KeySender()
    private var keyTimestamp: UInt32 = 0
    private var sequence: UInt16
    private var timestamp: UInt32
    /// When the next frame is due; nil before the first one.
    private var dueAt: Int64?
    private var isSilent = true
    private var tail = 0
    private var sent: (packets: UInt32, octets: UInt32) = (0, 0)

    init?(offer: Offer, rate: Int, bitrate: Int) {
        guard let encoder = OpusVoiceEncoder(rate: rate, bitrate: bitrate), let random = Digests.random(10) else {
            return nil
        }
        var reader = ByteReader(random[...])
        guard let source = reader.readUInt32(), let timestamp = reader.readUInt32(), let sequence = reader.readUInt16()
        else { return nil }
        self.encoder = encoder
        rateControl = RateControl(bitrate: bitrate)
        self.source = source
        self.timestamp = timestamp
        // Far from the end, so that the first packets do not wrap around before keys are derived (RFC 3711, 3.3.1).
        self.sequence = sequence & 0x7FFF
        opusType = offer.opusType
        keyType = offer.keyTypes[48_000]
    }

    /// Takes samples of an answer; what does not fill a frame waits for more.
    ///
    /// - Parameter position: Of the first sample, in the host's count.
    func send(_ samples: [Int16], generation: UInt64, position: Int64) {
        self.position = position &+ Int64(samples.count)
        if rest.generation != generation { rest = (generation, []) }
        rest.samples += samples
        tail = 0
        var start = 0
        while rest.samples.count - start >= encoder.frameSamples {
            let end = start + encoder.frameSamples
            let place = self.position &- Int64(rest.samples.count - end)
            waiting.append(Frame(generation: generation, samples: rest.samples[start..<end], position: place))
            start = end
        }
        rest.samples.removeFirst(start)
        if waiting.count > Self.maximumWaiting { waiting.removeFirst(waiting.count - Self.maximumWaiting) }
    }

    func cancel(_ generation: UInt64) {
        waiting.removeAll { $0.generation == generation }
        guard rest.generation == generation else { return }
        rest.samples = []
        playout.clear(position: position)
    }

    /// False when the peer takes no keys, or these are none.
    func press(_ text: String) -> Bool { keyType != nil && keys.press(text) }

    /// Takes what the peer says of these packets.
    func receive(_ block: RTCPReport.Block, at now: Int64) {
        guard block.source == source else { return }
        playout.note(block, at: now)
        rateControl.note(fractionLost: block.fractionLost, at: now)
        encoder.expectLoss(percent: rateControl.lossPercent)
        encoder.send(bitrate: rateControl.bitrate)
    }

    /// How far the caller has heard the agent, in the host's count of samples; nil when there is nothing new to tell.
    func heard(at now: Int64) -> Int64? { playout.heard(at: now) }

    /// True when something waits for its time.
    var isWaiting: Bool { !waiting.isEmpty || !keys.isIdle }

    /// The packets whose time has come.
    func packets(at now: Int64) -> [RTPPacket] {
        var packets: [RTPPacket] = []
        if waiting.isEmpty, keys.isIdle { fillTail(at: now) }
        while isWaiting {
            resume(at: now)
            guard let due = dueAt, due - now <= (keys.isIdle ? Self.ahead : 0) else { break }
            if let position = waiting.first?.position { playout.note(position: position, endsAt: due + Self.frameTime) }
            packets += keys.isIdle ? nextAudio() : nextKeys()
            timestamp &+= 960
            dueAt = due + Self.frameTime
        }
        return packets
    }

    /// What a sender report says (RFC 3550, 6.4.1); nil when nothing was sent yet.
    func report(at now: Int64) -> RTCPReport.Sender? {
        guard sent.packets > 0, let due = dueAt else { return nil }
        let ahead = (due - now) / 1_000 * 48 / 1_000
        return RTCPReport.Sender(
            source: source,
            ntp: Self.ntp(now),
            timestamp: timestamp &- UInt32(truncatingIfNeeded: ahead),
            packets: sent.packets,
            octets: sent.octets
        )
    }

    /// The host gives nothing any more: say so.
    private func fillTail(at now: Int64) {
        guard let due = dueAt, now - due >= Self.pause, !isSilent, tail < Self.maximumTail else { return }
        tail += 1
        let silence = [Int16](repeating: 0, count: encoder.frameSamples)
        waiting.append(Frame(generation: 0, samples: silence[...]))
    }

    private func resume(at now: Int64) {
        guard let due = dueAt else {
            dueAt = now
            return
        }
        guard now - due > Self.pause else { return }
        // The peer has to notice the pause even if no packet said so.
        isSilent = true
        let frames = (now - due) / Self.frameTime
        timestamp &+= UInt32(truncatingIfNeeded: frames * 960)
        dueAt = due + frames * Self.frameTime
    }

    private func nextAudio() -> [RTPPacket] {
        guard !waiting.isEmpty else { return [] }
        let frame = waiting.removeFirst()
        guard let payload = encoder.encode(frame.samples) else { return [] }
        let wasSilent = isSilent
        isSilent = OpusVoiceEncoder.isSilence(payload)
        guard !isSilent || !wasSilent else { return [] }
        return [make(opusType, payload[...], timestamp: timestamp, isMarked: wasSilent)]
    }

    /// While a key is pressed the voice is not sent.
    private func nextKeys() -> [RTPPacket] {
        if !waiting.isEmpty { waiting.removeFirst() }
        isSilent = true
        return keys.next(unit: 960).map { step in
            if step.isFirst { keyTimestamp = timestamp }
            return make(keyType ?? 0, step.event.payload[...], timestamp: keyTimestamp, isMarked: step.isFirst)
        }
    }

    private func make(
        _ type: UInt8,
        _ payload: ArraySlice<UInt8>,
        timestamp: UInt32,
        isMarked: Bool
    ) -> RTPPacket {
        defer {
            sequence &+= 1
            sent.packets &+= 1
            sent.octets &+= UInt32(clamping: payload.count)
        }
        return RTPPacket(
            isMarked: isMarked,
            payloadType: type,
            sequence: sequence,
            timestamp: timestamp,
            source: source,
            payload: payload
        )
    }

    /// The format of NTP, but since the host began: receivers only compare these (RFC 3550, 4).
    static func ntp(_ now: Int64) -> UInt64 {
        let now = UInt64(max(0, now))
        return (now / 1_000_000_000) << 32 | ((now % 1_000_000_000) << 32) / 1_000_000_000
    }
}
