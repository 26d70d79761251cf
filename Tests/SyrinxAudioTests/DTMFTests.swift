// SPDX-License-Identifier: Apache-2.0

import SyrinxAudio
import Testing

@Suite("The keys' tones", .tags(.unit)) struct DTMFTests {
    private static let keys = "1234567890*#ABCD"

    private func hear(_ samples: [Int16], rate: Int = 8_000, pieces: Int = 160) -> String {
        var detector = DTMFDetector(rate: rate)
        return stride(from: 0, to: samples.count, by: pieces).reduce("") { keys, start in
            keys + detector.process(Array(samples[start..<min(start + pieces, samples.count)]))
        }
    }

    @Test(arguments: [8_000, 16_000, 24_000, 48_000]) func `are heard as they were pressed`(rate: Int) throws {
        let all = try Self.keys.flatMap { try #require(DTMF.samples($0, rate: rate)) }
        for pieces in [1, 37, 160, 100_000] { #expect(hear(all, rate: rate, pieces: pieces) == Self.keys) }
        #expect(DTMF.samples("E", rate: rate) == nil && DTMF.samples("1", rate: 0) == nil)
    }

    @Test(arguments: [G711.muLaw, .aLaw]) func `are heard over a telephone line, loud and soft`(law: G711) throws {
        for divisor in [1, 4, 16] as [Int16] {
            for key in Self.keys {
                let tone = try #require(DTMF.samples(key, rate: 8_000)).map { law.decode(law.encode($0 / divisor)) }
                #expect(hear(tone) == String(key))
            }
        }
    }

    @Test func `are not heard in silence, noise and a voice's harmonics`() {
        var random = SplitMix64(seed: 1)
        let noise = (0..<80_000).map { _ in Int16(truncatingIfNeeded: random.next()) }
        #expect(hear(noise).isEmpty)
        #expect(hear([Int16](repeating: .min, count: 8_000)).isEmpty)
        for period in 4...100 {
            let wave = (0..<8_000).map { Int16($0 / max(1, period / 2) % 2 == 0 ? 8_000 : -8_000) }
            #expect(hear(wave).isEmpty, "period \(period)")
        }
    }
}
