// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What callers say and play.
enum Sound {
    /// Something that a voice activity detector takes for speech: a buzz of 150 Hz whose loudness goes up and down as
    /// syllables do.
    static func speech(milliseconds: Int, rate: Int = 16_000) -> [Int16] {
        (0..<milliseconds * rate / 1000).map { index in
            let time = Double(index) / Double(rate)
            let buzz = (1...6).reduce(0.0) { $0 + sin(2 * .pi * 150 * Double($1) * time) / Double($1) }
            let loudness = 0.7 + 0.3 * sin(2 * .pi * 4 * time)
            return Int16(6000 * loudness * buzz)
        }
    }

    static func silence(milliseconds: Int, rate: Int = 16_000) -> [Int16] {
        [Int16](repeating: 0, count: milliseconds * rate / 1000)
    }

    /// Bytes that tell where they come from: no two messages of any two streams are equal.
    static func mark(stream: Int, message: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).map { index in
            switch index {
            case 0: UInt8(truncatingIfNeeded: stream)
            case 1: UInt8(truncatingIfNeeded: message)
            case 2: UInt8(truncatingIfNeeded: message >> 8)
            default: UInt8(truncatingIfNeeded: index &* 31 &+ stream &* 7 &+ message)
            }
        }
    }

    /// s16le in messages of 20 ms.
    static func messages(_ samples: [Int16], rate: Int) -> [[UInt8]] {
        stride(from: 0, to: samples.count, by: rate / 50).map { start in
            samples[start..<min(start + rate / 50, samples.count)].flatMap { sample in
                [UInt8(truncatingIfNeeded: sample), UInt8(truncatingIfNeeded: sample >> 8)]
            }
        }
    }
}
