// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WebRTCTransport

@Suite("What a WebRTC caller has heard")
struct FarPlayoutTests {
    private static let millisecond: Int64 = 1_000_000
    private static let loud = (0..<320).map { Int16(9_000 * LoopCall.sine(Double($0) / 40)) }

    /// A report about a way there and back of so many ms.
    private func report(_ line: LoopCall, roundTrip: Int64, jitter: UInt32 = 0) throws {
        var block = RTCPReport.Block(source: line.peer.source)
        block.lastReport = UInt32(truncatingIfNeeded: AudioSender.ntp(line.now) >> 16)
        block.jitter = jitter
        line.wait(milliseconds: roundTrip)
        try line.sendControl(RTCPWriter.report(source: 77, name: "far", sender: nil, blocks: [block]))
    }

    @Test
    func `each mark comes when the way and the jitter buffer are behind its sample, the last at once`() throws {
        let line = try LoopCall()
        line.connect()
        try report(line, roundTrip: 100)
        let began = line.now
        for _ in 0..<50 {
            line.answer(Self.loud, generation: 1)
            line.wait(milliseconds: 20)
        }
        line.wait(milliseconds: 300)
        #expect((8...12).contains(line.marks.count))
        #expect(line.marks.last?.position == 16_000)
        for mark in line.marks {
            let spoken = began + mark.position * Self.millisecond / 16
            // 50 ms of way and 40 of jitter buffer; a clock of 5 ms, and a frame's unevenness.
            #expect((90...115).contains((mark.at - spoken) / Self.millisecond), "\(mark.at - spoken)")
        }
        let last = line.marks.map(\.position)
        #expect(last == last.sorted())
    }

    @Test
    func `jitter that the peer reports makes it later, within a bound`() throws {
        for (jitter, expected) in [(UInt32(0), Int64(40)), (1_440, 90), (480_000, 500)] {
            let line = try LoopCall()
            line.connect()
            try report(line, roundTrip: 0, jitter: jitter)
            let began = line.now
            line.answer(Self.loud, generation: 1)
            line.wait(milliseconds: 1_000)
            let mark = try #require(line.marks.first)
            let delay = (mark.at - began) / Self.millisecond - 20
            #expect((expected...expected + 15).contains(delay), "\(delay)")
        }
    }

    @Test
    func `what is interrupted counts as over, so that the next answer begins from there`() throws {
        let line = try LoopCall()
        line.connect()
        for _ in 0..<50 { line.answer(Self.loud, generation: 1) }
        line.wait(milliseconds: 200)
        #expect((line.marks.last?.position ?? 0) < 5_000)
        line.peer.cancel(1)
        line.wait(milliseconds: 5)
        #expect(line.marks.last?.position == 16_000)
        // The end of an older answer is no news.
        let count = line.marks.count
        line.answer(Self.loud, generation: 2)
        line.peer.cancel(1)
        line.wait(milliseconds: 20)
        #expect(line.marks.count == count)
        line.wait(milliseconds: 200)
        #expect(line.marks.last?.position == 16_320)
    }

    @Test
    func `a report that cannot be true changes nothing`() throws {
        let line = try LoopCall()
        line.connect()
        var block = RTCPReport.Block(source: line.peer.source)
        block.lastReport = 0x8000_0000
        block.sinceLastReport = .max
        try line.sendControl(RTCPWriter.report(source: 77, name: "far", sender: nil, blocks: [block]))
        line.answer(Self.loud, generation: 1)
        line.wait(milliseconds: 80)
        #expect(line.marks.count == 1)
    }
}
