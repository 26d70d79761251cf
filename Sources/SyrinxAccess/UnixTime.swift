// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// A moment of the wall clock, in milliseconds since 1970 (UTC). For what others date: expiries of keys, claims of
/// tokens, calendar months. What only this process measures uses `Instant`, which no one can set back.
package struct UnixTime: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        milliseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// The whole second that it lies in.
    package var seconds: Int64 { milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0) }

    package static func < (left: UnixTime, right: UnixTime) -> Bool { left.milliseconds < right.milliseconds }

    package static func + (time: UnixTime, duration: Duration) -> UnixTime {
        let (sum, overflow) = time.milliseconds.addingReportingOverflow(duration.nanoseconds / 1_000_000)
        guard overflow else { return UnixTime(milliseconds: sum) }
        return UnixTime(milliseconds: duration < .zero ? .min : .max)
    }

    package static func - (time: UnixTime, duration: Duration) -> UnixTime { time + (.zero - duration) }

    package static func - (left: UnixTime, right: UnixTime) -> Duration {
        let (difference, overflow) = left.milliseconds.subtractingReportingOverflow(right.milliseconds)
        guard overflow else { return .milliseconds(difference) }
        return .milliseconds(left < right ? Int64.min : .max)
    }
}

extension UnixTime {
    /// From `2027-01-01T00:00:00Z`, with an offset `+01:00` or a fraction if one wishes (RFC 3339 5.6); nil for a
    /// moment that does not exist. A leap second is refused.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard (20...35).contains(bytes.count), bytes[10] | 0x20 == UInt8(ascii: "t"),
            let year = Self.number(bytes[0..<4]), bytes[4] == UInt8(ascii: "-"),
            let month = Self.number(bytes[5..<7]), bytes[7] == UInt8(ascii: "-"),
            let day = Self.number(bytes[8..<10]), let month = CalendarMonth(year: year, month: month),
            (1...month.days).contains(day),
            let hour = Self.number(bytes[11..<13]), bytes[13] == UInt8(ascii: ":"), hour < 24,
            let minute = Self.number(bytes[14..<16]), bytes[16] == UInt8(ascii: ":"), minute < 60,
            let second = Self.number(bytes[17..<19]), second < 60
        else { return nil }
        let isFractional = bytes[19] == UInt8(ascii: ".")
        let fraction: ArraySlice<UInt8> = isFractional ? bytes[20...].prefix { (0x30...0x39).contains($0) } : []
        guard isFractional != fraction.isEmpty,
            let offset = Self.offset(Array(bytes.dropFirst(isFractional ? 20 + fraction.count : 19)))
        else { return nil }
        let digits = (Array(fraction.prefix(3)) + [0x30, 0x30, 0x30]).prefix(3)
        let thousandths = Self.number(digits[...]) ?? 0
        let ofDay = (hour * 60 + minute - offset) * 60 + second
        milliseconds = month.start.milliseconds + Int64(((day - 1) * 86_400 + ofDay) * 1000 + thousandths)
    }

    /// Minutes east of Greenwich.
    private static func offset(_ bytes: [UInt8]) -> Int? {
        if bytes.count == 1 { return bytes[0] | 0x20 == UInt8(ascii: "z") ? 0 : nil }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), let hours = number(bytes[1..<3]), hours < 24,
            let minutes = number(bytes[4..<6]), minutes < 60
        else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "+"): return hours * 60 + minutes
        case UInt8(ascii: "-"): return -(hours * 60 + minutes)
        default: return nil
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
