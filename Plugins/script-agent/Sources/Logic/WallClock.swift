// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A moment as people read it.
///
/// The host's clock is monotonic and tells no time of day, hence the system's own.
public struct WallClock: Hashable, Sendable {
    /// The month, 1...12.
    public var month: Int
    /// The day of the month, 1...31.
    public var day: Int
    /// The weekday, 0 = Sunday.
    public var weekday: Int
    /// The hour, 0...23.
    public var hour: Int
    /// The minute, 0...59.
    public var minute: Int

    /// Makes a moment.
    public init(month: Int, day: Int, weekday: Int, hour: Int, minute: Int) {
        self.month = month
        self.day = day
        self.weekday = weekday
        self.hour = hour
        self.minute = minute
    }

    /// Now, in the system's time zone.
    public static func now() -> WallClock {
        var seconds = time(nil)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return WallClock(
            month: Int(parts.tm_mon) + 1,
            day: Int(parts.tm_mday),
            weekday: Int(parts.tm_wday),
            hour: Int(parts.tm_hour),
            minute: Int(parts.tm_min)
        )
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// "three forty two in the afternoon".
    var spokenTime: String {
        let hour12 = (hour + 11) % 12 + 1
        let part = hour < 12 ? "in the morning" : hour < 18 ? "in the afternoon" : "in the evening"
        return "\(TimeWords.spoken(hour: hour12, minute: minute)) \(part)"
    }

    /// "Friday, May 2".
    var spokenDate: String {
        let month = Self.months.indices.contains(month - 1) ? Self.months[month - 1] : ""
        return "\(spokenDay), \(month) \(day)"
    }

    /// "Friday".
    var spokenDay: String { DayWords.names.indices.contains(weekday) ? DayWords.names[weekday] : "" }
}
