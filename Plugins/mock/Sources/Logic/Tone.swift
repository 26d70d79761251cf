// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// One second of a sine; since the frequency is whole, the seconds join without a click.
struct Tone: Sendable {
    static let amplitude = 0.3

    let sampleRate: Int
    let samples: [Int16]

    init(frequency: Int, sampleRate: Int) {
        self.sampleRate = sampleRate
        samples = (0..<sampleRate).map { index in
            let phase = 2 * Double.pi * Double(frequency * index % sampleRate) / Double(sampleRate)
            return Int16(sin(phase) * Self.amplitude * 32_767)
        }
    }

    /// The samples from `start` on, at most `count` and none beyond the second's end.
    func piece(from start: Int, atMost count: Int) -> Range<Int> {
        let start = start % sampleRate
        return start..<min(start + count, sampleRate)
    }
}
