// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxAudio
import Testing

@Suite("Changes of the sample rate")
struct ResamplerTests {
    struct Change: CustomTestStringConvertible, Sendable {
        let from: Int
        let to: Int
        var testDescription: String { "\(from) to \(to) Hz" }
    }

    static let changes = [8_000, 16_000, 24_000, 48_000].flatMap { from in
        [8_000, 16_000, 24_000, 48_000].filter { $0 != from }.map { Change(from: from, to: $0) }
    }

    private func sine(_ frequency: Double, rate: Int, seconds: Double, level: Double = 12_000) -> [Int16] {
        (0..<Int(seconds * Double(rate))).map { index in
            Int16((level * sin(2 * .pi * frequency * Double(index) / Double(rate))).rounded())
        }
    }

    private func convert(_ samples: [Int16], _ change: Change, pieces: [Int]) throws -> [Int16] {
        let resampler = try #require(Resampler(from: change.from, to: change.to))
        var output: [Int16] = []
        var (place, turn) = (0, 0)
        while place < samples.count {
            let count = min(pieces[turn % pieces.count], samples.count - place)
            samples[place..<place + count].withUnsafeBufferPointer { resampler.convert($0, into: &output) }
            (place, turn) = (place + count, turn + 1)
        }
        return output
    }

    /// The power of the sine that fits best, over that of what is left, in dB; and the sine's level.
    private func fit(_ samples: ArraySlice<Int16>, _ frequency: Double, rate: Int) -> (ratio: Double, level: Double) {
        var (ss, cc, sc, xs, xc, xx) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for index in samples.indices {
            let phase = 2 * .pi * frequency * Double(index) / Double(rate)
            let (s, c, x) = (sin(phase), cos(phase), Double(samples[index]))
            (ss, cc, sc) = (ss + s * s, cc + c * c, sc + s * c)
            (xs, xc, xx) = (xs + x * s, xc + x * c, xx + x * x)
        }
        let determinant = ss * cc - sc * sc
        let (a, b) = ((xs * cc - xc * sc) / determinant, (xc * ss - xs * sc) / determinant)
        let signal = a * xs + b * xc
        return (10 * log10(signal / max(xx - signal, 1e-9)), (a * a + b * b).squareRoot())
    }

    /// Up to 3.4 kHz, which is what a telephone carries, and up to 80 % of what the lower rate can.
    @Test(arguments: changes)
    func `keep what both rates can carry, 40 dB above everything else`(change: Change) throws {
        let top = Double(min(change.from, change.to)) / 2
        for frequency in [200, 1_000, 0.5 * top, 0.8 * top] {
            let output = try convert(sine(frequency, rate: change.from, seconds: 1), change, pieces: [change.from / 50])
            // Without what the filter does at both ends.
            let middle = output[output.count / 10..<output.count * 9 / 10]
            let (ratio, level) = fit(middle, frequency, rate: change.to)
            #expect(ratio >= 40, "\(frequency) Hz: \(ratio) dB")
            #expect(abs(20 * log10(level / 12_000)) < 0.5, "\(frequency) Hz has \(level)")
        }
    }

    @Test(arguments: changes.filter { $0.to < $0.from })
    func `let nothing through that the lower rate cannot carry`(change: Change) throws {
        for frequency in [1.25, 1.5].map({ $0 * Double(change.to) / 2 }) where frequency < Double(change.from) / 2 {
            let output = try convert(sine(frequency, rate: change.from, seconds: 1), change, pieces: [change.from / 50])
            let middle = output[output.count / 10..<output.count * 9 / 10]
            let power = middle.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(middle.count)
            #expect(10 * log10(12_000.0 * 12_000 / 2 / max(power, 1e-9)) >= 40, "\(frequency) Hz comes back as another")
        }
    }

    @Test(arguments: changes)
    func `in pieces give the same as at once`(change: Change) throws {
        var state: UInt32 = 7
        let noise = (0..<change.from).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int16(truncatingIfNeeded: state >> 16)
        }
        let whole = try convert(noise, change, pieces: [noise.count])
        #expect(try convert(noise, change, pieces: [change.from / 50]) == whole)
        #expect(try convert(noise, change, pieces: [1, 7, 160, 4_099]) == whole)
    }

    /// Ten minutes of 20 ms frames.
    @Test(arguments: changes)
    func `do not drift`(change: Change) throws {
        let resampler = try #require(Resampler(from: change.from, to: change.to))
        let frame = sine(440, rate: change.from, seconds: 0.02)
        var output: [Int16] = []
        var count = 0
        for _ in 0..<30_000 {
            frame.withUnsafeBufferPointer { resampler.convert($0, into: &output) }
            count += output.count
            output.removeAll(keepingCapacity: true)
        }
        // What the filter still holds, and no more.
        #expect((0...change.to / 50).contains(600 * change.to - count))
    }
}
