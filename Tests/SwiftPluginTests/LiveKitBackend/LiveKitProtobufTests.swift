// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import LiveKitBackend

@Suite("LiveKit: protobuf")
struct LiveKitProtobufTests {
    @Test func `what is written reads back`() throws {
        let bytes = ProtobufWriter.message { writer in
            writer.write(1, UInt64.max)
            writer.write(16, true)
            writer.write(3) { $0.write(2, "žluťoučký") }
            writer.write(3) { $0.write(2, "second") }
        }
        let message = try #require(ProtobufMessage(bytes))
        #expect(message.number(1) == .max)
        #expect(message.bool(16))
        #expect(message.message(3)?.text(2) == "second")
        #expect(message.messages(3).map { $0.text(2) } == ["žluťoučký", "second"])
        #expect(message.numbers == [1, 16, 3, 3])
    }

    @Test func `numbers of fixed width are read`() throws {
        let message = try #require(ProtobufMessage([0x09, 1, 2, 0, 0, 0, 0, 0, 0, 0x15, 3, 0, 0, 1]))
        #expect(message.number(1) == 0x201)
        #expect(message.number(2) == 0x0100_0003)
    }

    @Test(
        arguments: [
            [0x08], [0x08, 0x80], [0x00, 0x01], [0x0A, 0x02, 0x41],
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
            [0x0B], [0x0C], [0x0E], [0x0F], [0x09, 1, 2, 3], [0x0D, 1, 2, 3], [UInt8](repeating: 0xFF, count: 12),
            [0x08] + [UInt8](repeating: 0x80, count: 10) + [1],
        ] as [[UInt8]])
    func `what is no message is refused`(bytes: [UInt8]) {
        #expect(ProtobufMessage(bytes) == nil)
        #expect(FFIEvent(bytes) == nil)
    }

    @Test func `a missing field and one of another type read as nothing`() throws {
        let message = try #require(ProtobufMessage(ProtobufWriter.message { $0.write(1, "text") }))
        #expect(message.number(1) == 0)
        #expect(message.message(1) == nil)
        #expect(message.text(2).isEmpty)
        #expect(!message.bool(2))
        #expect(ProtobufMessage([])?.numbers == [])
    }

    @Test func `a frame that claims memory it cannot have is only given back`() throws {
        for (address, channels, count) in [
            (0, 1, 320), (1 << 40, 1, 1 << 40), (1 << 40, 2, 320), (1 << 40, 1, UInt64.max),
        ] {
            let bytes = ProtobufWriter.message { writer in
                writer.write(4) { event in
                    event.write(2) { received in
                        received.write(1) { frame in
                            frame.writeHandle(7)
                            frame.write(2) { info in
                                info.write(1, UInt64(address))
                                info.write(2, UInt64(channels))
                                info.write(4, UInt64(count))
                            }
                        }
                    }
                }
            }
            guard case .stray(7) = try #require(FFIEvent(bytes)) else {
                Issue.record("\(address) \(channels) \(count) was believed")
                continue
            }
        }
    }

    @Test func `changed bytes never trap`() {
        var random = Lottery(seed: 7)
        let originals = Self.events
        for _ in 0..<20_000 {
            var bytes = originals[random.below(originals.count)]
            for _ in 0...random.below(4) {
                switch random.below(3) {
                case 0: bytes[random.below(bytes.count)] = UInt8(random.below(256))
                case 1: bytes.remove(at: random.below(bytes.count))
                default: bytes.insert(UInt8(random.below(256)), at: random.below(bytes.count))
                }
                if bytes.isEmpty { bytes = [0] }
            }
            _ = FFIEvent(bytes)
            _ = FFIReply(bytes)?.handle
        }
    }

    /// An event of each shape.
    private static let events: [[UInt8]] = [
        ProtobufWriter.message { writer in
            writer.write(5) { body in
                body.write(1, 3 as UInt64)
                body.write(3) { result in
                    result.write(1) { owned in
                        owned.writeHandle(4)
                        owned.write(2) { $0.write(1, "RM") }
                    }
                    result.write(2) { $0.writeHandle(5) }
                    result.write(3) { other in
                        other.write(1) { owned in
                            owned.writeHandle(6)
                            owned.write(2) { $0.write(3, "alice") }
                        }
                        other.write(2) { $0.writeHandle(7) }
                    }
                }
            }
        },
        ProtobufWriter.message { writer in
            writer.write(1) { event in
                event.write(1, 4 as UInt64)
                event.write(27) { packet in
                    packet.write(2, "alice")
                    packet.write(4) { user in
                        user.write(1) { buffer in
                            buffer.writeHandle(8)
                            buffer.write(2) { $0.write(2, 3 as UInt64) }
                        }
                    }
                }
            }
        },
        ProtobufWriter.message { writer in
            writer.write(4) { event in
                event.write(1, 9 as UInt64)
                event.write(2) { $0.write(1) { $0.writeHandle(10) } }
            }
        },
    ]
}

/// Numbers that are the same each time (xorshift).
struct Lottery: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(next() % UInt64(limit)) : 0 }
}
