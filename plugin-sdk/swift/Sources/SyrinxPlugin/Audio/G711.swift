// SPDX-License-Identifier: Apache-2.0

/// The telephone network's two 8 bit codes (ITU-T G.711), one byte a sample at 8 kHz.
///
/// Linear samples are 16 bit with full scale at ±32 768; the codes keep the upper 14 bits (µ-law) or 13 bits (A-law) of
/// them. Encoding what was decoded gives the same byte again, except µ-law's two zeros, which both become 0xFF.
public enum G711: Sendable, CaseIterable {
    /// µ-law: North America and Japan; PCMU in RTP.
    case muLaw
    /// A-law: elsewhere; PCMA in RTP.
    case aLaw

    /// The byte that silence is written as.
    public var silence: UInt8 { self == .muLaw ? 0xFF : 0xD5 }

    /// The linear sample of a byte.
    public func decode(_ byte: UInt8) -> Int16 {
        self == .muLaw ? Self.muLawTable[Int(byte)] : Self.aLawTable[Int(byte)]
    }

    /// The linear samples of bytes.
    public func decode(_ bytes: [UInt8]) -> [Int16] {
        let table = self == .muLaw ? Self.muLawTable : Self.aLawTable
        return bytes.map { table[Int($0)] }
    }

    /// The byte of a linear sample.
    public func encode(_ sample: Int16) -> UInt8 {
        self == .muLaw ? Self.encodeMuLaw(sample) : Self.encodeALaw(sample)
    }

    /// The bytes of linear samples.
    public func encode(_ samples: Span<Int16>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count)
        for index in samples.indices { bytes.append(encode(samples[index])) }
        return bytes
    }

    /// The bytes of linear samples.
    public func encode(_ samples: [Int16]) -> [UInt8] { samples.map(encode) }

    // MARK: µ-law: sign, three bits of segment, four of step, all inverted; a bias of 33 steps of 14 bits

    private static let muLawTable: [Int16] = (0...255).map { decodeMuLaw(UInt8($0)) }
    private static let bias = 33
    /// The largest magnitude whose biased value has 13 bits.
    private static let muLawLimit = 8_158

    private static func decodeMuLaw(_ byte: UInt8) -> Int16 {
        let code = Int(~byte)
        let magnitude = ((code & 0x0F) << 1 + bias) << (code >> 4 & 7) - bias
        return Int16((code & 0x80 == 0 ? magnitude : -magnitude) << 2)
    }

    private static func encodeMuLaw(_ sample: Int16) -> UInt8 {
        // 14 bits, rounded down as the recommendation's tables are; then sign and magnitude.
        let linear = Int(sample) >> 2
        let biased = min(abs(linear), muLawLimit) + bias
        let segment = Int.bitWidth - biased.leadingZeroBitCount - 6
        let code = segment << 4 | biased >> (segment + 1) & 0x0F
        return ~UInt8(linear < 0 ? code | 0x80 : code)
    }

    // MARK: A-law: sign, three bits of segment, four of step, every other bit inverted

    private static let aLawTable: [Int16] = (0...255).map { decodeALaw(UInt8($0)) }

    private static func decodeALaw(_ byte: UInt8) -> Int16 {
        let code = Int(byte ^ 0x55)
        let step = (code & 0x0F) << 4 + 8
        let segment = code >> 4 & 7
        let magnitude = segment == 0 ? step : (step + 0x100) << (segment - 1)
        return Int16(code & 0x80 == 0 ? -magnitude : magnitude)
    }

    private static func encodeALaw(_ sample: Int16) -> UInt8 {
        // 13 bits; a negative value is counted from -1, so that both signs have the same steps.
        let linear = Int(sample) >> 3
        let magnitude = linear < 0 ? ~linear : linear
        let segment = max(0, Int.bitWidth - magnitude.leadingZeroBitCount - 5)
        let step = segment < 2 ? magnitude >> 1 & 0x0F : magnitude >> segment & 0x0F
        let code = UInt8(segment << 4 | step) ^ 0x55
        return linear < 0 ? code : code | 0x80
    }
}
