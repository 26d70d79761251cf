// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// The tones of a telephone's keys (ITU-T Q.23).
package enum DTMF {
    /// The sixteen keys, each row from the left.
    static let keys: [[Character]] = [
        ["1", "2", "3", "A"], ["4", "5", "6", "B"], ["7", "8", "9", "C"], ["*", "0", "#", "D"],
    ]
    static let rows: [Double] = [697, 770, 852, 941]
    static let columns: [Double] = [1_209, 1_336, 1_477, 1_633]

    /// Of each of the two tones, in full scale: together about -9 dBm0.
    private static let amplitude = 0.17

    /// A key's tone of 100 ms, and the 80 ms behind it. Nil when there is no such key.
    package static func samples(_ key: Character, rate: Int) -> [Int16]? {
        guard rate > 0, let row = keys.firstIndex(where: { $0.contains(key) }),
            let column = keys[row].firstIndex(of: key)
        else { return nil }
        let tone = (0..<rate / 10).map { index in
            let time = 2 * Double.pi * Double(index) / Double(rate)
            return Int16(32_767 * amplitude * (sin(rows[row] * time) + sin(columns[column] * time)))
        }
        return tone + [Int16](repeating: 0, count: rate * 8 / 100)
    }
}
