// SPDX-License-Identifier: Apache-2.0

/// The civil calendar in UTC, from Unix milliseconds: what paths, months of usage and printed times need. Times beyond
/// the years 1970 to 9999 count as the nearest one within.
package enum UTCDay {
    package static let milliseconds: Int64 = 86_400_000
    private static let last: Int64 = 253_402_300_799_999

    static func clamped(_ time: Int64) -> Int64 { min(max(0, time), last) }

    /// Days since 1970-01-01.
    static func number(of time: Int64) -> Int64 { clamped(time) / milliseconds }

    /// `2026-11-28`.
    package static func text(of time: Int64) -> String {
        let (year, month, day) = civil(number(of: time))
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
    }

    /// `2026-11`.
    package static func month(of time: Int64) -> String { String(text(of: time).prefix(7)) }

    /// `2026-11-28T21:05:09.120Z` (RFC 3339).
    package static func timestamp(_ time: Int64) -> String {
        let rest = clamped(time) % milliseconds
        let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { digits($0, 2) }
        return "\(text(of: time))T\(clock.joined(separator: ":")).\(digits(rest % 1000, 3))Z"
    }

    /// Days to date by whole eras of 400 years, whose years begin in March.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let ofEra = shifted % 146_097
        let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let index = (5 * ofYear + 2) / 153
        let month = index < 10 ? index + 3 : index - 9
        return (era * 400 + year + (month <= 2 ? 1 : 0), month, ofYear - (153 * index + 2) / 5 + 1)
    }

    private static func digits(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
