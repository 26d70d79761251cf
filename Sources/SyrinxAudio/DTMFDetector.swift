// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Hears pressed keys in a caller's audio (ITU-T Q.24): a tone of 40 ms or more counts, one of 20 ms or less does not, and
/// neither does speech.
package struct DTMFDetector {
    private enum Limit {
        /// Power of each tone, of full scale: about -43 dBFS.
        static let power = 2.5e-5
        /// The columns may be 4 dB louder than the rows, and 8 dB softer.
        static let columnOverRow = 2.512
        static let rowOverColumn = 6.31
        /// How much louder than its neighbours each of the two has to be: 8 dB.
        static let peak = 6.31
        /// What part of all power the two have to be: this is what speech fails.
        static let share = 0.82
    }

    /// Samples of a block: 12.75 ms, of which 40 ms hold two whatever their place, and 20 ms no more than one.
    private let block: Int
    private let rows: [Double]
    private let columns: [Double]
    private var filters = [(last: Double, before: Double)](repeating: (0, 0), count: 8)
    private var energy = 0.0
    private var filled = 0
    private var candidate: Character?
    private var pressed: Character?

    /// - Parameter rate: in Hz; 8000 or more.
    package init(rate: Int) {
        block = max(1, rate * 51 / 4_000)
        func factors(_ frequencies: [Double]) -> [Double] {
            frequencies.map { 2 * cos(2 * Double.pi * $0 / Double(max(1, rate))) }
        }
        rows = factors(DTMF.rows)
        columns = factors(DTMF.columns)
    }

    /// Takes the next samples.
    /// - Returns: the keys whose tone was made out in them, each once however long it is held.
    package mutating func process(_ samples: [Int16]) -> String {
        var keys = ""
        for sample in samples {
            let sample = Double(sample) / 32_768
            energy += sample * sample
            for place in 0..<4 {
                step(place, rows[place], sample)
                step(place + 4, columns[place], sample)
            }
            filled += 1
            guard filled == block else { continue }
            if let key = settle() { keys.append(key) }
        }
        return keys
    }

    /// Goertzel's filter.
    private mutating func step(_ place: Int, _ factor: Double, _ sample: Double) {
        let next = sample + factor * filters[place].last - filters[place].before
        filters[place] = (next, filters[place].last)
    }

    /// The end of a block. A key counts with its second block in a row, and anew once two blocks were without it.
    private mutating func settle() -> Character? {
        let found = judge()
        filters = [(last: Double, before: Double)](repeating: (0, 0), count: 8)
        (energy, filled) = (0, 0)
        defer { candidate = found }
        guard found == candidate, found != pressed else { return nil }
        pressed = found
        return found
    }

    private func judge() -> Character? {
        let powers = filters.enumerated().map { place, filter in
            let factor = place < 4 ? rows[place] : columns[place - 4]
            return filter.last * filter.last + filter.before * filter.before - factor * filter.last * filter.before
        }
        // A tone of amplitude a has the power (a·N/2)², and the energy a²·N/2.
        let half = Double(block) / 2
        guard let row = Self.peak(powers[0..<4]), let column = Self.peak(powers[4..<8]) else { return nil }
        let (low, high) = (powers[row], powers[column])
        guard min(low, high) >= Limit.power * 2 * half * half, high <= low * Limit.columnOverRow,
            low <= high * Limit.rowOverColumn, low + high >= Limit.share * energy * half
        else { return nil }
        return DTMF.keys[row][column - 4]
    }

    /// The place of the one that is louder than its neighbours.
    private static func peak(_ powers: ArraySlice<Double>) -> Int? {
        guard let best = powers.indices.max(by: { powers[$0] < powers[$1] }) else { return nil }
        let isAlone = powers.indices.allSatisfy { $0 == best || powers[best] >= powers[$0] * Limit.peak }
        return isAlone ? best : nil
    }
}
