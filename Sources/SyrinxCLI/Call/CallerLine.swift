// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SyrinxAudio
package import SyrinxCore

/// What the caller says in one turn: audio at the call's rate.
package struct CallerLine: Sendable {
    /// Where it comes from, for messages.
    package var name: String
    package var samples: [Int16]

    package init(name: String, samples: [Int16]) {
        self.name = name
        self.samples = samples
    }

    /// - Throws: `wav.*`, `file.not_readable`.
    package init(file: String, rate: Int) throws(SyrinxError) {
        let audio = try WAVFile.read(file)
        guard audio.samples.contains(where: { $0 != 0 }) else {
            throw SyrinxError(
                "call.input_silent", "there is nothing but silence in it", fix: "record it again", place: file)
        }
        self.init(name: file, samples: Self.convert(audio.samples, from: audio.rate, to: rate))
    }

    /// Samples up to the true end of speech: what is quieter than a fortieth of the loudest is pause or noise.
    package var speechSamples: Int {
        let loudest = samples.reduce(0) { max($0, abs(Int($1))) }
        let threshold = max(1, loudest / 40)
        return (samples.lastIndex { abs(Int($0)) >= threshold } ?? -1) + 1
    }

    /// Converts a whole recording, the resampler's tail included.
    package static func convert(_ samples: [Int16], from: Int, to: Int) -> [Int16] {
        guard from != to, let resampler = Resampler(from: from, to: to) else { return samples }
        var converted: [Int16] = []
        let tail = [Int16](repeating: 0, count: from / 50)
        (samples + tail).withUnsafeBufferPointer { resampler.convert($0, into: &converted) }
        return Array(converted.prefix(Int((Double(samples.count) * Double(to) / Double(from)).rounded(.up))))
    }
}
