// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A moment as AWS signatures write it, in whole seconds.
///
/// The host's clock is monotonic and tells no time of day, hence the system's own.
struct SigningTime: Hashable, Sendable {
    /// Since 1970.
    let seconds: Int64

    static func now() -> SigningTime { SigningTime(seconds: Int64(time(nil))) }

    /// "20260102".
    var date: String { String(full.prefix(8)) }

    /// "20260102T030405Z".
    var full: String {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = "\(pad(parts.tm_year + 1900, 4))\(pad(parts.tm_mon + 1, 2))\(pad(parts.tm_mday, 2))"
        return "\(date)T\(pad(parts.tm_hour, 2))\(pad(parts.tm_min, 2))\(pad(parts.tm_sec, 2))Z"
    }

    private func pad(_ value: Int32, _ count: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
}
