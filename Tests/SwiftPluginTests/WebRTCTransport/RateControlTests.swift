// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WebRTCTransport

@Suite("What WebRTC sends when packets are lost")
struct RateControlTests {
    private static let second: Int64 = 1_000_000_000
    /// In 1/256.
    private static let tenth: UInt8 = 26

    /// A report every 5 s, as browsers send them.
    private func run(_ control: inout RateControl, lost: UInt8, reports: Int, from start: Int64) -> Int64 {
        for index in 0..<reports { control.note(fractionLost: lost, at: start + Int64(index) * 5 * Self.second) }
        return start + Int64(reports) * 5 * Self.second
    }

    @Test
    func `heavy loss lowers the bitrate report by report, down to a bound, and a calm network raises it again`() {
        var control = RateControl(bitrate: 28_000)
        var now = run(&control, lost: 77, reports: 1, from: 0)
        #expect((22_000..<25_000).contains(control.bitrate))
        now = run(&control, lost: 77, reports: 10, from: now)
        #expect(control.bitrate == 16_000)
        #expect(control.lossPercent == 32)
        now = run(&control, lost: 0, reports: 3, from: now)
        #expect((20_000..<24_000).contains(control.bitrate))
        _ = run(&control, lost: 0, reports: 20, from: now)
        #expect(control.bitrate == 28_000)
        #expect(control.lossPercent == 2)
    }

    @Test(arguments: [UInt8(6), 13, tenth])
    func `loss that is no congestion leaves the bitrate, and is met with copies`(lost: UInt8) {
        var control = RateControl(bitrate: 28_000)
        _ = run(&control, lost: lost, reports: 20, from: 0)
        #expect(control.bitrate == 28_000)
        #expect(control.lossPercent > Int(lost) * 100 / 256)
    }

    @Test
    func `what was lost once is expected for a while`() {
        var control = RateControl(bitrate: 28_000)
        var now = run(&control, lost: 52, reports: 1, from: 0)
        #expect(control.lossPercent == 22)
        now = run(&control, lost: 0, reports: 2, from: now)
        #expect((10..<22).contains(control.lossPercent))
    }

    @Test
    func `a flood of reports is worth no more than one each half second`() {
        var control = RateControl(bitrate: 28_000)
        for index in 0..<1_000 { control.note(fractionLost: 255, at: Int64(index) * 400_000) }
        #expect(control.bitrate >= 14_000)
        var flooded = RateControl(bitrate: 128_000)
        for index in 0..<100 { flooded.note(fractionLost: 255, at: Int64(index) * 4_000_000) }
        #expect(flooded.bitrate > 60_000)
    }

    @Test
    func `a bitrate below the bound stays`() {
        var control = RateControl(bitrate: 8_000)
        _ = run(&control, lost: 200, reports: 20, from: 0)
        #expect(control.bitrate == 8_000)
    }

    @Test
    func `packets become smaller while the peer reports loss, and larger again`() throws {
        let line = try LoopCall()
        line.connect()
        let calm = try size(line, lost: 0, seconds: 10)
        let lossy = try size(line, lost: 128, seconds: 40)
        let again = try size(line, lost: 0, seconds: 80)
        #expect(lossy < calm * 0.8, "\(calm) \(lossy)")
        #expect(again > lossy * 1.25, "\(lossy) \(again)")
    }

    /// Mean bytes of the packets of the last two seconds, while the peer reports this loss.
    private func size(_ line: LoopCall, lost: UInt8, seconds: Int) throws -> Double {
        var phase = 0
        for index in 0..<seconds * 50 {
            if index == (seconds - 2) * 50 { line.forget() }
            if index % 100 == 0 {
                var block = RTCPReport.Block(source: line.peer.source)
                block.fractionLost = lost
                try line.sendControl(RTCPWriter.report(source: 77, name: "far", sender: nil, blocks: [block]))
            }
            if index % 500 == 0 { line.check() }
            // A tone with overtones that moves.
            let samples = (0..<320).map { place in
                let turns = Double(phase + place) / (90 + 20 * LoopCall.sine(Double(phase) / 16_000))
                return Int16(2_500 * (LoopCall.sine(turns) + LoopCall.sine(turns * 7) + LoopCall.sine(turns * 19)))
            }
            phase += 320
            line.answer(samples, generation: 1)
            line.wait(milliseconds: 20)
        }
        let sizes = line.media.map { Double($0.payload.count) }
        return sizes.reduce(0, +) / Double(max(1, sizes.count))
    }
}
