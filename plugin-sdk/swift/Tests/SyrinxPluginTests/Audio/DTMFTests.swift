// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import Testing

@Suite("The keys' tones")
struct DTMFTests {
    static let keys: [Character] = Array("1234567890*#ABCD")

    private func hear(_ samples: [Int16], rate: UInt32 = 8_000, pieces: Int = 160) -> String {
        var detector = DTMFDetector(sampleRate: rate)
        var keys = ""
        for start in stride(from: 0, to: samples.count, by: pieces) {
            keys += detector.process(Array(samples[start..<min(start + pieces, samples.count)]).span)
        }
        return keys
    }

    @Test(arguments: [8_000, 16_000, 48_000] as [UInt32])
    func `are heard as they were pressed`(rate: UInt32) throws {
        let all = try Self.keys.flatMap { try #require(DTMF.samples($0, sampleRate: rate)) }
        for pieces in [1, 37, 160, 100_000] { #expect(hear(all, rate: rate, pieces: pieces) == String(Self.keys)) }
        #expect(DTMF.samples("E", sampleRate: rate) == nil && !DTMF.isKey("e") && DTMF.isKey("#"))
    }

    @Test(arguments: [G711.muLaw, .aLaw])
    func `are heard over a telephone line, loud and soft`(code: G711) throws {
        for divisor in [1, 4, 16] as [Int16] {
            for key in Self.keys {
                let tone = try #require(DTMF.samples(key, sampleRate: 8_000)).map { $0 / divisor }
                #expect(hear(code.decode(code.encode(tone))) == String(key))
            }
        }
    }

    @Test func `count from 40 ms on, wherever they begin, and not up to 20 ms`() throws {
        for key in Self.keys {
            for offset in stride(from: 0, to: 102, by: 17) {
                let lead = [Int16](repeating: 0, count: offset)
                let long = try #require(
                    DTMF.samples(key, sampleRate: 8_000, toneMilliseconds: 40, pauseMilliseconds: 40))
                #expect(hear(lead + long + long) == String([key, key]))
                let short = try #require(
                    DTMF.samples(key, sampleRate: 8_000, toneMilliseconds: 20, pauseMilliseconds: 40))
                #expect(hear(lead + short + short).isEmpty)
            }
        }
    }

    @Test func `are one key however long it is held`() throws {
        let held = try #require(DTMF.samples("5", sampleRate: 8_000, toneMilliseconds: 5_000))
        #expect(hear(held) == "5")
    }

    @Test func `are not heard in silence, noise, single tones and chords`() {
        var state: UInt64 = 1
        let noise = (0..<80_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int16(truncatingIfNeeded: state >> 48)
        }
        #expect(hear(noise).isEmpty)
        #expect(hear([Int16](repeating: 0, count: 8_000)).isEmpty)
        #expect(hear([Int16](repeating: .min, count: 8_000)).isEmpty)
        // A square wave: a voice's harmonics, with both groups in it.
        for period in 4...100 {
            let wave = (0..<8_000).map { Int16($0 / max(1, period / 2) % 2 == 0 ? 8_000 : -8_000) }
            #expect(hear(wave).isEmpty, "period \(period)")
        }
    }
}
