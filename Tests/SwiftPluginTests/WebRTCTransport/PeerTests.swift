// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WebRTCTransport

@Suite("A peer of WebRTC")
struct PeerTests {
    @Test
    func `a caller connects and is heard, at the door's rate`() throws {
        for rate in [8_000, 16_000, 24_000, 48_000] {
            let line = try LoopCall(rate: rate)
            line.connect()
            #expect(line.isConnected)
            for _ in 0..<100 {
                try line.speak()
                line.wait(milliseconds: 20)
            }
            #expect((94...100).contains(line.heard.count))
            #expect(line.heard.allSatisfy { $0.count == rate / 50 })
            #expect(line.heard.peak > 3_000)
            #expect(line.peer.jitterCounts.concealed == 0)
        }
    }

    @Test
    func `the first packet is heard when its wait is over, whenever it came`() throws {
        for phase in stride(from: Int64(0), to: 20, by: 5) {
            let line = try LoopCall()
            line.connect()
            line.wait(milliseconds: 100 + phase)
            let began = line.now
            while line.heard.isEmpty {
                if (line.now - began) % 20_000_000 == 0 { try line.speak() }
                line.wait(milliseconds: 5)
            }
            // 60 ms are the wait of a first packet, 5 ms this test's clock.
            #expect((60_000_000...65_000_000).contains(line.now - began))
        }
    }

    @Test
    func `the answer comes as packets of 20 ms, marked where it begins`() throws {
        let line = try LoopCall()
        line.connect()
        for _ in 0..<50 {
            line.answer((0..<320).map { Int16(9_000 * LoopCall.sine(Double($0) / 40)) }, generation: 3)
            line.wait(milliseconds: 20)
        }
        let packets = line.media
        #expect((49...50).contains(packets.count))
        #expect(packets.map(\.isMarked).firstIndex(of: true) == 0)
        #expect(packets.filter(\.isMarked).count == 1)
        #expect(packets.allSatisfy { $0.payloadType == 111 })
        for (packet, next) in zip(packets, packets.dropFirst()) {
            #expect(next.sequence == packet.sequence &+ 1)
            #expect(next.timestamp == packet.timestamp &+ 960)
        }
        let decoder = try #require(OpusVoiceDecoder(rate: 16_000))
        #expect(packets.map { Array(decoder.decode(Array($0.payload))) }.peak > 6_000)
    }

    @Test
    func `after a pause the time has gone on, and the next packet is marked`() throws {
        let line = try LoopCall()
        line.connect()
        line.answer([Int16](repeating: 5_000, count: 320), generation: 1)
        line.wait(milliseconds: 3_000)
        let last = try #require(line.media.last)
        line.forget()
        line.answer((0..<320).map { Int16(9_000 * LoopCall.sine(Double($0) / 40)) }, generation: 2)
        line.wait(milliseconds: 20)
        let packet = try #require(line.media.first)
        #expect(packet.isMarked)
        #expect(packet.sequence == last.sequence &+ 1)
        #expect(packet.timestamp &- last.timestamp > 48_000 * 2)
    }

    @Test
    func `an interrupted answer is not sent any further`() throws {
        let line = try LoopCall()
        line.connect()
        let loud = (0..<16_000).map { Int16(9_000 * LoopCall.sine(Double($0) / 40)) }
        line.answer(loud, generation: 4)
        line.wait(milliseconds: 100)
        // A second at once is sent in a second.
        #expect((5...10).contains(line.media.count))
        line.peer.cancel(4)
        line.forget()
        line.wait(milliseconds: 2_000)
        let decoder = try #require(OpusVoiceDecoder(rate: 16_000))
        let rest = line.media.map { Array(decoder.decode(Array($0.payload))) }
        #expect(rest.dropFirst(3).map { $0 }.peak < 300)
        line.forget()
        line.wait(milliseconds: 1_000)
        #expect(line.media.isEmpty)
    }

    @Test
    func `what is lost is taken from the next packet`() throws {
        var random = SeededRandom(seed: 5)
        let line = try LoopCall()
        line.connect()
        line.expectLoss(percent: 20)
        for _ in 0..<500 {
            try line.speak(isLost: Int.random(in: 0..<5, using: &random) == 0)
            line.wait(milliseconds: 20)
        }
        let counts = line.peer.jitterCounts
        #expect(counts.lost > 60)
        #expect(counts.recovered > counts.lost / 2)
        #expect(counts.recovered + counts.concealed <= counts.lost + 5)
        // Two in a row cannot be recovered, and fade.
        #expect(line.heard.suffix(400).filter { [$0].peak < 1_000 }.count < 20)
    }

    @Test
    func `keys come once, however many packets say them`() throws {
        let line = try LoopCall()
        line.connect()
        for _ in 0..<10 {
            try line.speak()
            line.wait(milliseconds: 20)
        }
        for (index, code) in [UInt8(1), 11, 15, 99].enumerated() {
            for copy in 0..<5 {
                let event = TelephoneEvent(code: code, isEnd: copy > 2, duration: UInt16(copy) * 960)
                try line.send(
                    RTPPacket(
                        payloadType: 110, sequence: UInt16(4 + index * 5 + copy),
                        timestamp: UInt32(100_000 + index * 9_600),
                        source: 77, payload: event.payload[...]))
            }
        }
        #expect(line.keys == "1#D")
    }

    @Test
    func `keys are pressed for the far end`() throws {
        let line = try LoopCall()
        line.connect()
        #expect(line.peer.press("5#", at: line.now))
        #expect(!line.peer.press("five", at: line.now))
        line.wait(milliseconds: 600)
        let events = line.media.filter { $0.payloadType == 110 }
        #expect(events.count == 16)
        #expect(Set(events.map(\.timestamp)).count == 2)
        #expect(events.filter(\.isMarked).count == 2)
        var reader = KeyReader()
        #expect(String(events.compactMap { reader.read($0) }) == "5#")
    }

    @Test
    func `reports tell both ways`() throws {
        let line = try LoopCall()
        line.connect()
        for index in 0..<200 {
            try line.speak(isLost: index % 4 == 1)
            line.answer([Int16](repeating: 3_000, count: 320), generation: 1)
            line.wait(milliseconds: 20)
        }
        let report = try #require(line.reports.last)
        #expect(report.sender?.source == line.peer.source)
        // Its clock goes as time does: 2 s between two reports, in 1/2^32 s, as 96,000 of the media's.
        let senders = line.reports.suffix(2).compactMap(\.sender)
        let passed = try #require(senders.last).ntp &- #require(senders.first).ntp
        #expect(abs(Double(passed) / 4_294_967_296 - 2) < 0.01)
        #expect(abs(Int64(senders[1].timestamp &- senders[0].timestamp) - 96_000) < 480)
        let block = try #require(report.blocks.first)
        #expect(block.source == 77)
        #expect((55...70).contains(Int(block.fractionLost)))
        #expect((30...55).contains(Int(block.lost)))
    }
}
