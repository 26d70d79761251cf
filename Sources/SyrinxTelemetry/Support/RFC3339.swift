// SPDX-License-Identifier: Apache-2.0

/// UTC times as text with milliseconds: `2026-11-28T22:05:40.123Z`.
package enum RFC3339 {
    package static func text(unixNanoseconds: Int64) -> String {
        let milliseconds = floorDivided(unixNanoseconds, by: 1_000_000)
        let seconds = floorDivided(milliseconds.quotient, by: 1000)
        let days = floorDivided(seconds.quotient, by: 86_400)
        let (year, month, day) = civil(days.quotient)
        let time = days.remainder
        let clock = [padded(time / 3600, 2), padded(time / 60 % 60, 2), padded(time % 60, 2)].joined(separator: ":")
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(clock).\(padded(seconds.remainder, 3))Z"
    }

    /// The proleptic Gregorian date of a day since 1970, by eras of 400 years that begin in March.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivided(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func floorDivided(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
