// SPDX-License-Identifier: Apache-2.0
internal import COpus

/// Opus to samples at the door's rate, mono.
final class OpusVoiceDecoder {
    /// The longest packet, 120 ms, in 1/48000 s.
    static let longestPacket: Int64 = 5_760

    private let decoder: OpaquePointer
    private let rate: Int64
    private var room: [Int16]

    init?(rate: Int) {
        var error: Int32 = 0
        guard let decoder = opus_decoder_create(Int32(clamping: rate), 1, &error), error == OPUS_OK else { return nil }
        self.decoder = decoder
        self.rate = Int64(rate)
        room = [Int16](repeating: 0, count: Int(Self.longestPacket) * rate / 48_000)
    }

    deinit { opus_decoder_destroy(decoder) }

    /// How long a packet is, in 1/48000 s; nil for what is no Opus packet.
    static func duration(_ payload: ArraySlice<UInt8>) -> Int64? {
        let samples = payload.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { opus_packet_get_nb_samples($0, Int32(clamping: bytes.count), 48_000) } ?? 0
        }
        return samples > 0 && Int64(samples) <= longestPacket ? Int64(samples) : nil
    }

    /// True when the packet has a copy of the one before it: the LBRR flag of its first frame (RFC 6716, 4.2.4).
    static func hasRedundancy(_ payload: ArraySlice<UInt8>) -> Bool {
        guard let first = payload.first, payload.count > 2, first & 0x80 == 0 || first & 0xE0 == 0x60,
            // One frame in the packet: where it begins is then known without reading lengths.
            first & 3 == 0
        else { return false }
        let configuration = Int(first >> 3)
        guard configuration < 16 else { return false }
        let layers = configuration < 12 && configuration & 3 >= 2 ? configuration & 3 : 1
        return payload[payload.startIndex + 1] >> (7 - layers) & 1 == 1
    }

    /// The packet's own audio; empty when it is broken.
    func decode(_ payload: [UInt8]) -> ArraySlice<Int16> {
        let count = opus_decode(decoder, payload, Int32(clamping: payload.count), &room, Int32(room.count), 0)
        return room.prefix(Int(max(0, count)))
    }

    /// The audio of the packet before this one, from the copy in this one.
    func recover(from payload: [UInt8], duration: Int64) -> ArraySlice<Int16> {
        let samples = Self.samples(duration, rate, limit: room.count)
        let count = opus_decode(decoder, payload, Int32(clamping: payload.count), &room, samples, 1)
        return room.prefix(Int(max(0, count)))
    }

    /// An invention that goes on with what was heard and fades.
    func conceal(_ duration: Int64) -> ArraySlice<Int16> {
        let count = opus_decode(decoder, nil, 0, &room, Self.samples(duration, rate, limit: room.count), 0)
        return room.prefix(Int(max(0, count)))
    }

    /// The decoder takes multiples of 2.5 ms.
    private static func samples(_ duration: Int64, _ rate: Int64, limit: Int) -> Int32 {
        let steps = max(1, (duration + 119) / 120)
        return Int32(clamping: min(Int64(limit), steps * rate / 400))
    }
}
