// SPDX-License-Identifier: Apache-2.0
internal import COpus

/// Opus for one voice, 20 ms at a time, with redundancy and silence suppression.
final class OpusVoiceEncoder {
    /// 20 ms at the encoder's rate.
    let frameSamples: Int
    private let encoder: OpaquePointer
    private var room = [UInt8](repeating: 0, count: 1_275)
    private var lossPercent: Int32 = -1
    private var bitrate: Int32 = -1

    /// - Parameters:
    ///   - rate: 8000, 12000, 16000, 24000 or 48000 Hz.
    ///   - bitrate: Bits a second.
    init?(rate: Int, bitrate: Int) {
        var error: Int32 = 0
        guard let encoder = opus_encoder_create(Int32(clamping: rate), 1, OPUS_APPLICATION_VOIP, &error),
            error == OPUS_OK
        else { return nil }
        self.encoder = encoder
        frameSamples = rate / 50
        set(OPUS_SET_COMPLEXITY_REQUEST, 5)
        set(OPUS_SET_SIGNAL_REQUEST, OPUS_SIGNAL_VOICE)
        set(OPUS_SET_INBAND_FEC_REQUEST, 1)
        set(OPUS_SET_DTX_REQUEST, 1)
        send(bitrate: bitrate)
        expectLoss(percent: 5)
    }

    deinit { opus_encoder_destroy(encoder) }

    /// Bits a second from now on.
    func send(bitrate: Int) {
        let bitrate = Int32(clamping: bitrate)
        guard bitrate != self.bitrate else { return }
        self.bitrate = bitrate
        set(OPUS_SET_BITRATE_REQUEST, bitrate)
    }

    /// The more is lost, the more of each packet is a copy of the one before it.
    func expectLoss(percent: Int) {
        let percent = Int32(min(max(percent, 0), 40))
        guard percent != lossPercent else { return }
        lossPercent = percent
        set(OPUS_SET_PACKET_LOSS_PERC_REQUEST, percent)
    }

    /// A packet that says "no sound" (RFC 6716, 2.1.9): it begins a silence, and need not be sent again.
    static func isSilence(_ packet: [UInt8]) -> Bool { packet.count <= 2 }

    /// Nil when the encoder refuses the samples.
    func encode(_ samples: ArraySlice<Int16>) -> [UInt8]? {
        guard samples.count == frameSamples else { return nil }
        let count = samples.withUnsafeBufferPointer { samples in
            samples.baseAddress.map { opus_encode(encoder, $0, Int32(frameSamples), &room, Int32(room.count)) } ?? 0
        }
        return count > 0 ? Array(room.prefix(Int(count))) : nil
    }

    private func set(_ request: Int32, _ value: Int32) {
        _ = copus_encoder_set(encoder, request, value)
    }
}
