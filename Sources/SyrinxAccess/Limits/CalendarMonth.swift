// SPDX-License-Identifier: Apache-2.0

/// A month of the Gregorian calendar in UTC, `2026-11`: what quotas of minutes count in.
package struct CalendarMonth: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Months since January of year 0.
    private let number: Int

    private init(number: Int) { self.number = number }

    /// Nil outside of years 0 to 9999.
    package init?(year: Int, month: Int) {
        guard (0...9999).contains(year), (1...12).contains(month) else { return nil }
        number = year * 12 + month - 1
    }

    /// The month of a moment. Moments outside of years 0 to 9999 count as the nearest of these.
    package init(containing time: UnixTime) {
        // Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March, leap days come last.
        // Days count from 1 March of year -400 on, so that none is negative.
        let seconds = min(max(time.seconds, -62_167_219_200), 253_402_300_799) + 62_167_219_200
        let day = Int(seconds) / 86_400 + 146_097 - 60
        let era = day / 146_097
        let dayOfEra = day - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        number = ((era - 1) * 400 + yearOfEra) * 12 + monthFromMarch + 2
    }

    package var year: Int { number / 12 }
    package var month: Int { number % 12 + 1 }
    package var next: CalendarMonth { CalendarMonth(number: number + 1) }
    package var description: String {
        String(String(year + 10_000).suffix(4)) + "-" + String(String(month + 100).suffix(2))
    }

    /// Its first moment.
    package var start: UnixTime { UnixTime(seconds: Int64(firstDay) * 86_400) }
    /// The first moment of the next.
    package var end: UnixTime { next.start }
    package var days: Int { next.firstDay - firstDay }

    package static func < (left: CalendarMonth, right: CalendarMonth) -> Bool { left.number < right.number }

    /// How much of a span lies in which month; nothing when it ends before it starts.
    package static func shares(from start: UnixTime, to end: UnixTime) -> [(month: CalendarMonth, duration: Duration)] {
        var shares: [(month: CalendarMonth, duration: Duration)] = []
        var from = start
        // A session lives for hours. A span of many years is a mistake of some clock, and is cut.
        while from < end, shares.count < 120 {
            let month = CalendarMonth(containing: from)
            let to = max(from, min(end, month.end))
            guard to > from else { break }
            shares.append((month, to - from))
            from = to
        }
        return shares
    }

    /// Days since 1970-01-01.
    private var firstDay: Int {
        // 400 years are added, and their days taken away, so that no division meets a negative number.
        let shifted = (month <= 2 ? year - 1 : year) + 400
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        return (era - 1) * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
