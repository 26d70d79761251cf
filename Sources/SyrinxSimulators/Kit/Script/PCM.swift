// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Samples as vendors send them: S16 little endian, or G.711.
package enum PCM {
    package static func samples(_ bytes: [UInt8]) -> [Int16] {
        stride(from: 0, to: bytes.count - 1, by: 2).map {
            Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
    }

    package static func bytes(_ samples: [Int16]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * 2)
        for sample in samples {
            bytes.append(UInt8(truncatingIfNeeded: sample))
            bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
        }
        return bytes
    }

    /// Pieces of so many milliseconds, the last one shorter.
    package static func chunks(_ samples: [Int16], milliseconds: Int, rate: Int) -> [[Int16]] {
        let size = max(1, rate * milliseconds / 1000)
        return stride(from: 0, to: samples.count, by: size).map { Array(samples[$0..<min($0 + size, samples.count)]) }
    }

    /// A RIFF file; `isOpenEnded` as a streamed one, which knows no length yet.
    package static func wav(_ samples: [Int16], rate: Int, isOpenEnded: Bool = false) -> [UInt8] {
        func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let size = isOpenEnded ? 0xFFFF_FFFF : samples.count * 2
        let head = Array("RIFF".utf8) + word(isOpenEnded ? size : size + 36) + Array("WAVEfmt ".utf8) + word(16)
        let format = [1, 0, 1, 0] + word(rate) + word(rate * 2) + [2, 0, 16, 0] as [UInt8]
        return head + format + Array("data".utf8) + word(size) + bytes(samples)
    }

    /// The samples of a RIFF file of S16, one channel; nil = something else.
    package static func samples(ofWAV bytes: [UInt8]) -> (samples: [Int16], rate: Int)? {
        guard bytes.count >= 12, Array(bytes[0..<4]) == Array("RIFF".utf8) else { return nil }
        func word(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
        var at = 12
        var rate = 16000
        while at + 8 <= bytes.count {
            let name = String(decoding: bytes[at..<at + 4], as: UTF8.self)
            let size = min(word(at + 4), bytes.count - at - 8)
            if name == "fmt ", size >= 16 { rate = word(at + 12) }
            if name == "data" { return (samples(Array(bytes[(at + 8)..<(at + 8 + size)])), rate) }
            at += 8 + size + size % 2
        }
        return nil
    }

    // MARK: G.711

    package static func mulaw(_ samples: [Int16]) -> [UInt8] { samples.map(mulaw) }

    package static func fromMulaw(_ bytes: [UInt8]) -> [Int16] { bytes.map { mulawTable[Int($0)] } }

    package static func alaw(_ samples: [Int16]) -> [UInt8] { samples.map(alaw) }

    package static func fromAlaw(_ bytes: [UInt8]) -> [Int16] { bytes.map { alawTable[Int($0)] } }

    private static let mulawTable = (0..<256).map { fromMulaw(UInt8($0)) }
    private static let alawTable = (0..<256).map { fromAlaw(UInt8($0)) }

    private static func mulaw(_ sample: Int16) -> UInt8 {
        let magnitude = min(abs(Int(sample)), 32635) + 132
        let exponent = max(0, magnitude.bitWidth - 1 - magnitude.leadingZeroBitCount - 7)
        let mantissa = magnitude >> (exponent + 3) & 15
        return ~UInt8((sample < 0 ? 0x80 : 0) | exponent << 4 | mantissa)
    }

    private static func fromMulaw(_ byte: UInt8) -> Int16 {
        let code = Int(~byte)
        let magnitude = ((code & 15) << 3 + 132) << (code >> 4 & 7) - 132
        return Int16(code & 0x80 == 0 ? magnitude : -magnitude)
    }

    private static func alaw(_ sample: Int16) -> UInt8 {
        let magnitude = min(sample < 0 ? -Int(sample) - 1 : Int(sample), 32767)
        let exponent = max(0, magnitude.bitWidth - 1 - magnitude.leadingZeroBitCount - 7)
        let mantissa = magnitude >> (exponent == 0 ? 4 : exponent + 3) & 15
        return UInt8((sample < 0 ? 0 : 0x80) | exponent << 4 | mantissa) ^ 0x55
    }

    private static func fromAlaw(_ byte: UInt8) -> Int16 {
        let code = Int(byte ^ 0x55)
        let exponent = code >> 4 & 7
        let base = (code & 15) << 4 + 8
        let magnitude = exponent == 0 ? base : (base + 256) << (exponent - 1)
        return Int16(code & 0x80 == 0 ? -magnitude : magnitude)
    }
}

/// Base64 as JSON protocols carry audio.
package enum Base64Text {
    package static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    package static func decode(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { Array($0) } }
}
