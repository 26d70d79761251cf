// SPDX-License-Identifier: Apache-2.0

/// A packet of AudioSocket: a byte of kind, two of length (big endian), and so many more.
enum Packet: Equatable, Sendable {
    case end
    /// The 16 bytes of the call's UUID; the first packet of a connection.
    case name([UInt8])
    case key(Character)
    /// Samples at a rate in Hz.
    case audio([Int16], rate: UInt32)
    case failure(UInt8?)
    /// Of a kind that is not known, or not what its kind promises.
    case nonsense

    /// Hz of each kind of audio, 16-bit signed, little endian, mono.
    private static let rates: [UInt8: UInt32] = [
        0x10: 8_000, 0x11: 12_000, 0x12: 16_000, 0x13: 24_000, 0x14: 32_000, 0x15: 44_100, 0x16: 48_000,
        0x17: 96_000, 0x18: 192_000,
    ]

    static let headerLength = 3
    static let endBytes: [UInt8] = [0, 0, 0]

    init(kind: UInt8, _ payload: ArraySlice<UInt8>) {
        switch kind {
        case 0x00: self = .end
        case 0x01 where payload.count == 16: self = .name(Array(payload))
        case 0x03 where payload.count == 1: self = Self.key(payload.first)
        case 0xFF: self = .failure(payload.first)
        default:
            if let rate = Self.rates[kind], payload.count.isMultiple(of: 2) {
                self = .audio(Self.samples(payload), rate: rate)
            } else {
                self = .nonsense
            }
        }
    }

    private static func key(_ byte: UInt8?) -> Packet {
        guard let byte, byte < 0x80 else { return .nonsense }
        let key = Character(Unicode.Scalar(byte)).uppercased()
        return key.first.map { "0123456789*#ABCD".contains($0) ? .key($0) : .nonsense } ?? .nonsense
    }

    private static func samples(_ payload: ArraySlice<UInt8>) -> [Int16] {
        stride(from: payload.startIndex, to: payload.endIndex, by: 2).map { index in
            Int16(truncatingIfNeeded: UInt16(payload[index]) | UInt16(payload[index + 1]) << 8)
        }
    }

    /// A packet of the agent's audio; nil when no kind has this rate, or when it is too long for one.
    static func bytes(_ samples: Span<Int16>, rate: UInt32) -> [UInt8]? {
        guard let kind = rates.first(where: { $0.value == rate })?.key, samples.count * 2 <= Int(UInt16.max) else {
            return nil
        }
        let length = UInt16(samples.count * 2)
        var bytes = [kind, UInt8(length >> 8), UInt8(truncatingIfNeeded: length)]
        bytes.reserveCapacity(headerLength + samples.count * 2)
        for index in samples.indices {
            bytes.append(UInt8(truncatingIfNeeded: samples[index]))
            bytes.append(UInt8(truncatingIfNeeded: samples[index] >> 8))
        }
        return bytes
    }
}

/// Cuts what comes over a connection into packets. It holds one packet, of 64 KiB at most, and what was read with it.
struct PacketReader: Sendable {
    private var bytes: [UInt8] = []
    private var place = 0

    mutating func append(_ more: some Sequence<UInt8>) {
        bytes.removeFirst(place)
        place = 0
        bytes.append(contentsOf: more)
    }

    /// The next whole packet.
    mutating func next() -> Packet? {
        guard bytes.count - place >= Packet.headerLength else { return nil }
        let length = Int(bytes[place + 1]) << 8 | Int(bytes[place + 2])
        let begin = place + Packet.headerLength
        guard bytes.count - begin >= length else { return nil }
        defer { place = begin + length }
        return Packet(kind: bytes[place], bytes[begin..<begin + length])
    }
}
