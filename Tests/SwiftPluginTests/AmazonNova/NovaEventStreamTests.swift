// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import Testing

@testable import AmazonNova

@Suite("Amazon Nova: event-stream frames")
struct NovaEventStreamTests {
    private static let values: [EventMessage.Value] = [
        .bool(true), .bool(false), .int8(-3), .int16(-300), .int32(-70_000), .int64(.min), .bytes([1, 2, 3]),
        .string("grün"), .timestamp(1_767_323_045_000), .uuid(Array(0..<16)),
    ]

    private static let message = EventMessage(
        headers: values.enumerated().map { EventMessage.Header(name: "h\($0)", value: $1) },
        payload: Array("payload".utf8)
    )

    @Test(arguments: [1, 2, 7, 64, 4_096])
    func `every type of header survives, however the bytes are cut`(step: Int) throws {
        let bytes = try Self.message.encoded() + EventMessage(headers: [], payload: []).encoded()
        var decoder = EventStreamDecoder()
        var messages: [EventMessage] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            messages += try decoder.feed(Array(bytes[start..<min(start + step, bytes.count)]))
        }
        #expect(messages == [Self.message, EventMessage(headers: [], payload: [])])
        #expect(decoder.isAtBoundary)
        #expect(messages.first?.text("h7") == "grün")
        #expect(messages.first?.text("h0") == nil)
    }

    @Test func `one byte that is wrong is seen`() throws {
        let bytes = try Self.message.encoded()
        for place in bytes.indices {
            var broken = bytes
            broken[place] ^= 0x10
            var decoder = EventStreamDecoder()
            #expect(throws: PluginError.self, "byte \(place)") { try decoder.feed(broken + bytes) }
        }
    }

    /// Frames whose checksums are right, and whose contents are not.
    @Test func `what is no frame is an error`() throws {
        func frame(headers: [UInt8], total: Int? = nil, headerLength: Int? = nil) -> [UInt8] {
            var bytes = UInt32(truncatingIfNeeded: total ?? 16 + headers.count).bigEndianBytes
            bytes += UInt32(truncatingIfNeeded: headerLength ?? headers.count).bigEndianBytes
            bytes += CRC32.checksum(bytes[...]).bigEndianBytes
            bytes += headers
            return bytes + CRC32.checksum(bytes[...]).bigEndianBytes
        }
        let cases: [[UInt8]] = [
            frame(headers: [], total: 15),
            frame(headers: [], total: 0),
            frame(headers: [], headerLength: 1),
            frame(headers: [], total: 1 << 20, headerLength: 128 << 10 + 1),
            frame(headers: [], total: .max),
            frame(headers: [0, 0]),
            frame(headers: [1]),
            frame(headers: [1, 0x61]),
            frame(headers: [1, 0x61, 10]),
            frame(headers: [1, 0x61, 4, 0, 0, 0]),
            frame(headers: [1, 0x61, 7, 0, 9, 0x61]),
            frame(headers: [1, 0x61, 9, 0]),
            frame(headers: [200, 0x61]),
        ]
        for bytes in cases {
            var decoder = EventStreamDecoder()
            #expect(throws: PluginError.self, "\(bytes)") { try decoder.feed(bytes) }
        }
    }

    @Test func `limits hold in both directions`() throws {
        let large = EventMessage(headers: [], payload: [UInt8](repeating: 0, count: 101))
        var decoder = EventStreamDecoder(payloadLimit: 100)
        #expect(throws: PluginError.self) { try decoder.feed(large.encoded()) }
        let cases = [
            EventMessage(headers: [], payload: [UInt8](repeating: 0, count: EventMessage.maximumPayload + 1)),
            EventMessage(headers: [.init(name: "", value: .bool(true))], payload: []),
            EventMessage(headers: [.init(name: String(repeating: "n", count: 256), value: .bool(true))], payload: []),
            EventMessage(headers: [.init(name: "n", value: .bytes([UInt8](repeating: 0, count: 65_536)))], payload: []),
            EventMessage(
                headers: (0..<3).map { .init(name: "\($0)", value: .bytes([UInt8](repeating: 0, count: 65_000))) },
                payload: []
            ),
        ]
        for message in cases { #expect(throws: PluginError.self) { try message.encoded() } }
    }

    @Test func `10,000 mutations never trap`() throws {
        var random = NovaRandom(state: 20_260_102)
        let seeds = [
            try Self.message.encoded(),
            try EventSigner.inner(#"{"event":{"textOutput":{"contentId":"c","content":"x"}}}"#),
        ]
        for round in 0..<10_000 {
            var bytes = seeds[round % 2]
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&bytes, &random) }
            if round.isMultiple(of: 3) { Self.mend(&bytes) }
            var decoder = EventStreamDecoder(payloadLimit: 1 << 16)
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let messages = try? decoder.feed(Array(bytes[..<cut])) + decoder.feed(Array(bytes[cut...]))
            for message in messages ?? [] { _ = try? ModelEvent(payload: message.payload) }
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout NovaRandom) {
        guard !bytes.isEmpty else { return bytes.append(0) }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        default: bytes.removeLast(Int.random(in: 0...min(8, bytes.count), using: &random))
        }
    }

    /// Puts lengths and checksums right, so that what is behind them is reached.
    private static func mend(_ bytes: inout [UInt8]) {
        guard bytes.count >= 16 else { return }
        bytes.replaceSubrange(0..<4, with: UInt32(bytes.count).bigEndianBytes)
        bytes.replaceSubrange(8..<12, with: CRC32.checksum(bytes[0..<8]).bigEndianBytes)
        let end = bytes.count - 4
        bytes.replaceSubrange(end..., with: CRC32.checksum(bytes[..<end]).bigEndianBytes)
    }
}

/// Random numbers that are the same each time.
struct NovaRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
