// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AudioSocketTransport

@Suite("Packets of AudioSocket")
struct PacketTests {
    private func read(_ bytes: [UInt8], pieces: Int) -> [Packet] {
        var reader = PacketReader()
        var packets: [Packet] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            reader.append(bytes[start..<min(start + pieces, bytes.count)])
            while let packet = reader.next() { packets.append(packet) }
        }
        return packets
    }

    private func write(_ samples: [Int16], _ rate: UInt32) -> [UInt8]? { Packet.bytes(samples.span, rate: rate) }

    @Test(arguments: [1, 2, 5, 1_000])
    func `come out whole, however the network cuts them`(pieces: Int) {
        let name = [UInt8](1...16)
        let bytes: [UInt8] =
            [1, 0, 16] + name + [0x10, 0, 4, 0xFF, 0xFF, 0x00, 0x80] + [3, 0, 1, 0x23] + [0x12, 0, 0] + [0, 0, 0]
        #expect(
            read(bytes, pieces: pieces) == [
                .name(name), .audio([-1, -32_768], rate: 8_000), .key("#"), .audio([], rate: 16_000), .end,
            ])
    }

    @Test(arguments: [
        [1, 0, 3, 1, 2, 3], [3, 0, 0], [3, 0, 1, 0x78], [3, 0, 1, 0xB1], [0x10, 0, 1, 7], [0x19, 0, 0],
        [0x7F, 0, 1, 0],
    ])
    func `that are not what their kind promises are nonsense, and the next one is read`(bytes: [UInt8]) {
        #expect(read(bytes + [3, 0, 1, 0x64], pieces: 100) == [.nonsense, .key("D")])
    }

    @Test func `of audio are read as they were written`() {
        for rate: UInt32 in [8_000, 16_000, 24_000, 48_000] {
            let samples: [Int16] = [0, 1, -1, .max, .min]
            let bytes = write(samples, rate)
            #expect(read(bytes ?? [], pieces: 100) == [.audio(samples, rate: rate)])
        }
        #expect(write([0], 11_025) == nil)
        #expect(write([Int16](repeating: 0, count: 40_000), 8_000) == nil)
    }

    @Test func `tickets are UUIDs of the fourth version, and no two are the same`() {
        let tickets = (0..<1_000).map { _ in Ticket.random() }
        #expect(Set(tickets).count == 1_000)
        for ticket in tickets {
            let text = ticket.text
            #expect(text.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        }
        #expect(Ticket([UInt8](0..<16)).text == "00010203-0405-0607-0809-0a0b0c0d0e0f")
    }
}
