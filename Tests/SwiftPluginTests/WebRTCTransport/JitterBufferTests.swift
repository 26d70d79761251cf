// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WebRTCTransport

@Suite("Jitter buffer of WebRTC")
struct JitterBufferTests {
    @Test(arguments: NetworkTrace.all)
    func `conceals hardly more than was lost, within a bounded delay`(trace: NetworkTrace) {
        var playout = JitterPlayout(trace)
        playout.run()
        let counts = playout.buffer.counts
        let frames = Double(playout.frames)
        let lost = Double(playout.sent - playout.delivered)
        #expect(Double(counts.concealed) <= lost + 0.01 * frames, "\(counts), lost \(lost) of \(frames)")
        #expect(playout.longestDelay <= 48 * 500, "\(playout.longestDelay / 48) ms")
        #expect(playout.deepest <= JitterBuffer.capacity)
        // Everything that came is accounted for.
        let kept = counts.played + counts.skipped + counts.late + counts.duplicate + counts.overflowed
        #expect(counts.received == kept + playout.buffer.depth)
    }

    @Test
    func `a quiet network costs little more than the least delay`() {
        var playout = JitterPlayout(NetworkTrace(name: "quiet", jitter: 2))
        playout.run()
        #expect(playout.buffer.counts.concealed == 0)
        #expect(playout.lastDelay <= 48 * 90)
    }

    @Test
    func `the delay comes down again when the network calms`() {
        var playout = JitterPlayout(NetworkTrace(name: "calming", jitter: 200, calmsAfter: 20, seconds: 60, talk: 0.6))
        playout.run()
        #expect(playout.lastDelay <= 48 * 110, "\(playout.lastDelay / 48) ms")
    }

    @Test
    func `an hour of drifting clocks grows nothing`() {
        for drift in [200.0, -200.0] {
            var playout = JitterPlayout(
                NetworkTrace(name: "drift", jitter: 10, drift: drift, seconds: 3_600, talk: 0.6))
            playout.run()
            let counts = playout.buffer.counts
            #expect(playout.longestDelay <= 48 * 200)
            #expect(counts.concealed <= playout.frames / 100)
            // 720 ms are 36 frames, one way or the other.
            #expect((30...60).contains(counts.skipped + counts.stretched + counts.concealed), "\(counts)")
        }
    }

    @Test
    func `silence that the source does not send is no loss`() {
        var playout = JitterPlayout(NetworkTrace(name: "dtx", jitter: 5, seconds: 60, talk: 0.5, isSilenceSent: false))
        playout.run()
        let counts = playout.buffer.counts
        #expect(counts.concealed <= playout.frames / 100)
        #expect(counts.lost == 0)
    }

    @Test
    func `a key takes a place in the order and is no loss`() {
        var buffer = JitterBuffer(estimator: DelayEstimator(minimum: 960, initial: 960, maximum: 9_600))
        for index in 0..<20 {
            var packet = JitterPlayout.packet(at: Int64(index) * 960)
            let isKey = (5..<9).contains(index)
            packet.isEvent = isKey
            buffer.insert(sequence: UInt16(index), timestamp: UInt32(isKey ? 5 : index) * 960, packet)
            _ = buffer.next(at: Int64(index) * 960 + 100, isQuiet: false)
        }
        #expect(buffer.counts.lost == 0)
        #expect(buffer.counts.concealed == 0)
    }

    @Test
    func `one stray packet does not move the stream, two in a row do`() {
        var buffer = JitterBuffer(estimator: DelayEstimator(minimum: 960, initial: 960, maximum: 9_600))
        for index in 0..<10 {
            buffer.insert(
                sequence: UInt16(index), timestamp: UInt32(index * 960), JitterPlayout.packet(at: Int64(index) * 960))
        }
        let stray = buffer.insert(sequence: 30_000, timestamp: 5, JitterPlayout.packet(at: 9_600))
        #expect(stray == nil)
        #expect(buffer.counts.resynchronised == 0)
        buffer.insert(sequence: 30_001, timestamp: 965, JitterPlayout.packet(at: 9_700))
        #expect(buffer.counts.resynchronised == 1)
        #expect(buffer.depth == 1)
    }

    @Test
    func `any packets at any time are survived`() {
        var random = SeededRandom(seed: 7)
        var buffer = JitterBuffer(estimator: DelayEstimator(minimum: 960, initial: 2_880, maximum: 14_400))
        var now: Int64 = 0
        for _ in 0..<200_000 {
            now += Int64.random(in: 0...2_000, using: &random)
            var packet = JitterPlayout.packet(at: now)
            packet.isFiller = Bool.random(using: &random)
            packet.isEvent = Int.random(in: 0..<8, using: &random) == 0
            packet.hasRedundancy = Bool.random(using: &random)
            packet.duration = [120, 960, 2_880, 5_760].randomElement(using: &random) ?? 960
            let isWild = Int.random(in: 0..<20, using: &random) == 0
            let sequence = UInt16.random(in: isWild ? 0...65_535 : 0...400, using: &random)
            let timestamp = UInt32.random(in: isWild ? 0...UInt32.max : 0...400_000, using: &random)
            buffer.insert(sequence: sequence, timestamp: timestamp, packet)
            _ = buffer.next(at: now, unheard: 0, isQuiet: Bool.random(using: &random))
            #expect(buffer.depth <= JitterBuffer.capacity)
        }
    }
}
