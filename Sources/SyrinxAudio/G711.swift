// SPDX-License-Identifier: Apache-2.0

/// ITU-T G.711: telephony's two ways to put a 16-bit sample into 8 bits.
package enum G711: Sendable {
    /// North America, Japan; "pcmu".
    case muLaw
    /// Elsewhere; "pcma".
    case aLaw

    /// The sample that a code stands for.
    package func decode(_ code: UInt8) -> Int16 {
        switch self {
        case .muLaw: Self.muLawSamples[Int(code)]
        case .aLaw: Self.aLawSamples[Int(code)]
        }
    }

    /// The code of a sample, by the standard's decision values.
    package func encode(_ sample: Int16) -> UInt8 {
        switch self {
        case .muLaw: Self.muLawCode(sample)
        case .aLaw: Self.aLawCode(sample)
        }
    }

    // MARK: µ-law: 14 bits, eight segments of 16 steps, complemented

    private static let muLawBias = 132
    private static let muLawClip = 32_635

    private static func muLawCode(_ sample: Int16) -> UInt8 {
        let sign: UInt8 = sample < 0 ? 0x80 : 0
        let magnitude = min(abs(Int(sample)), muLawClip) + muLawBias
        let segment = max(0, Int.bitWidth - 1 - magnitude.leadingZeroBitCount - 7)
        let step = (magnitude >> (segment + 3)) & 0x0f
        return ~(sign | UInt8(truncatingIfNeeded: segment << 4 | step))
    }

    private static let muLawSamples: [Int16] = (0...255).map { code in
        let bits = ~UInt8(truncatingIfNeeded: code)
        let segment = Int(bits >> 4) & 0x07
        let magnitude = ((Int(bits & 0x0f) << 3) + muLawBias) << segment
        return Int16(clamping: bits & 0x80 == 0 ? magnitude - muLawBias : muLawBias - magnitude)
    }

    // MARK: A-law: 13 bits, even bits inverted

    private static func aLawCode(_ sample: Int16) -> UInt8 {
        let sign: UInt8 = sample < 0 ? 0 : 0x80
        // One's complement: -1 is the smallest negative level.
        let magnitude = Int(sample < 0 ? ~sample : sample) >> 4
        var segment = 0
        var step = magnitude
        if magnitude >= 16 {
            segment = Int.bitWidth - 1 - magnitude.leadingZeroBitCount - 3
            step = magnitude >> (segment - 1) & 0x0f
        }
        return (sign | UInt8(truncatingIfNeeded: segment << 4 | step)) ^ 0x55
    }

    private static let aLawSamples: [Int16] = (0...255).map { code in
        let bits = UInt8(truncatingIfNeeded: code) ^ 0x55
        let segment = Int(bits >> 4) & 0x07
        var magnitude = (Int(bits & 0x0f) << 4) + 8
        if segment > 0 { magnitude = (magnitude + 256) << (segment - 1) }
        return Int16(clamping: bits & 0x80 == 0 ? -magnitude : magnitude)
    }
}
