// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// The tones of a telephone's keys (ITU-T Q.23), for lines that carry a pressed key as sound alone.
public enum DTMF {
    /// The sixteen keys, each row from the left.
    static let keys: [[Character]] = [
        ["1", "2", "3", "A"], ["4", "5", "6", "B"], ["7", "8", "9", "C"], ["*", "0", "#", "D"],
    ]
    static let rows: [Double] = [697, 770, 852, 941]
    static let columns: [Double] = [1_209, 1_336, 1_477, 1_633]

    /// Of each of the two tones, in full scale: together about -9 dBm0.
    private static let amplitude = 0.17

    /// True for 0 to 9, A to D, * and #.
    public static func isKey(_ key: Character) -> Bool { keys.contains { $0.contains(key) } }

    /// A key's tone, and the pause behind it.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - sampleRate: In hertz, at least 4000.
    ///   - toneMilliseconds: Q.24 wants at least 40.
    ///   - pauseMilliseconds: The same.
    /// - Returns: nil when there is no such key.
    public static func samples(
        _ key: Character,
        sampleRate: UInt32,
        toneMilliseconds: Int = 100,
        pauseMilliseconds: Int = 80
    ) -> [Int16]? {
        guard let row = keys.firstIndex(where: { $0.contains(key) }), let column = keys[row].firstIndex(of: key) else {
            return nil
        }
        func count(_ milliseconds: Int) -> Int { Int(sampleRate) * min(max(0, milliseconds), 60_000) / 1_000 }
        let tone = (0..<count(toneMilliseconds)).map { index in
            let time = 2 * Double.pi * Double(index) / Double(max(1, sampleRate))
            return Int16(32_767 * amplitude * (sin(rows[row] * time) + sin(columns[column] * time)))
        }
        return tone + [Int16](repeating: 0, count: count(pauseMilliseconds))
    }
}

/// Hears pressed keys in a caller's audio (ITU-T Q.24): a tone of 40 ms or more counts, one of 20 ms or less does not, and
/// neither does speech.
public struct DTMFDetector {
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

    /// - Parameter sampleRate: In hertz; 8000 or more.
    public init(sampleRate: UInt32) {
        block = max(1, Int(sampleRate) * 51 / 4_000)
        func factors(_ frequencies: [Double]) -> [Double] {
            frequencies.map { 2 * cos(2 * Double.pi * $0 / Double(max(1, sampleRate))) }
        }
        rows = factors(DTMF.rows)
        columns = factors(DTMF.columns)
    }

    /// Takes the next samples.
    ///
    /// - Returns: The keys whose tone was made out in them, each once however long it is held.
    public mutating func process(_ samples: Span<Int16>) -> [Character] {
        var keys: [Character] = []
        for index in samples.indices {
            let sample = Double(samples[index]) / 32_768
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
