// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import SyrinxCore
import Testing

@testable import SyrinxAccess

struct CalendarMonthTests {
    private func time(_ text: String) throws -> UnixTime { try #require(UnixTime(rfc3339: text)) }

    @Test func `a month begins and ends to the millisecond, in UTC`() throws {
        let month = CalendarMonth(containing: try time("2028-02-29T23:59:59.999Z"))
        #expect("\(month)" == "2028-02")
        #expect(month.days == 29)
        #expect(try month.start == time("2028-02-01T00:00:00Z"))
        #expect(try month.end == time("2028-03-01T00:00:00Z"))
        #expect("\(CalendarMonth(containing: month.end))" == "2028-03")
        #expect("\(CalendarMonth(containing: month.start - .milliseconds(1)))" == "2028-01")
        #expect("\(CalendarMonth(containing: try time("2026-12-31T23:59:59Z")).next)" == "2027-01")
    }

    @Test func `every month of eight hundred years agrees with Foundation`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        for year in 1700..<2500 {
            for number in 1...12 {
                let month = try #require(CalendarMonth(year: year, month: number))
                #expect(CalendarMonth(containing: month.start) == month)
                #expect(CalendarMonth(containing: month.end - .milliseconds(1)) == month)
                guard number == 3, year >= 1970 else { continue }
                let date = Date(timeIntervalSince1970: Double(month.start.seconds))
                #expect(
                    calendar.dateComponents([.year, .month, .day], from: date)
                        == DateComponents(year: year, month: 3, day: 1))
            }
        }
    }

    @Test func `times at the ends of all time do not trap`() {
        for milliseconds in [Int64.min, -1, 0, .max, -62_167_219_200_001, 253_402_300_800_000] {
            let month = CalendarMonth(containing: UnixTime(milliseconds: milliseconds))
            #expect((0...9999).contains(month.year) && (1...12).contains(month.month))
            _ = (month.start, month.end, month.days, month.description)
        }
        #expect(CalendarMonth(year: 10_000, month: 1) == nil)
        #expect(CalendarMonth(year: 2026, month: 13) == nil)
        #expect(CalendarMonth.shares(from: UnixTime(milliseconds: .min), to: UnixTime(milliseconds: .max)).count <= 120)
        _ = UnixTime(milliseconds: .max) + .seconds(Int64.max)
        _ = UnixTime(milliseconds: .min) - UnixTime(milliseconds: .max)
    }

    @Test func `a session over midnight counts in both months`() throws {
        let shares = CalendarMonth.shares(from: try time("2026-11-30T23:50:00Z"), to: try time("2026-12-01T00:20:00Z"))
        #expect(shares.map { "\($0.month)" } == ["2026-11", "2026-12"])
        #expect(shares.map(\.duration) == [.seconds(600), .seconds(1200)])
        #expect(
            CalendarMonth.shares(from: try time("2026-12-01T00:00:00Z"), to: try time("2026-11-01T00:00:00Z")).isEmpty)
    }
}

struct UnixTimeTests {
    @Test func `times are read as RFC 3339 writes them`() throws {
        for (text, milliseconds) in [
            ("1970-01-01T00:00:00Z", 0), ("2027-01-01T00:00:00Z", 1_798_761_600_000),
            ("2027-01-01t00:00:00.5z", 1_798_761_600_500), ("2027-01-01T01:30:00+01:30", 1_798_761_600_000),
            ("2026-12-31T23:00:00.123456-01:00", 1_798_761_600_123), ("1969-12-31T23:59:59.999Z", -1),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
        ] as [(String, Int64)] { #expect(UnixTime(rfc3339: text)?.milliseconds == milliseconds, "\(text)") }
    }

    @Test(arguments: [
        "", "2027-01-01", "2027-01-01T00:00:00", "2027-01-01 00:00:00Z", "2027-13-01T00:00:00Z", "2027-02-29T00:00:00Z",
        "2027-00-01T00:00:00Z", "2027-01-00T00:00:00Z", "2027-01-01T24:00:00Z", "2027-01-01T00:60:00Z",
        "2027-01-01T00:00:60Z", "2027-01-01T00:00:00.Z", "2027-01-01T00:00:00+1:00", "2027-01-01T00:00:00+24:00",
        "2027-01-01T00:00:00ZZ", "2027-01-01T00:00:00 Z", "27-01-01T00:00:00ZZZ", "2027/01/01T00:00:00Z",
        "２027-01-01T00:00:00Z", "2027-01-01T00:00:00.123456789012345678Z",
    ])
    func `what is no time is refused`(text: String) { #expect(UnixTime(rfc3339: text) == nil) }

    @Test func `sums stop at the ends of time`() {
        #expect(UnixTime(seconds: .max).milliseconds == .max)
        #expect(UnixTime(seconds: .min).milliseconds == .min)
        #expect(UnixTime(milliseconds: -1).seconds == -1)
        #expect(UnixTime(milliseconds: .max) + .seconds(1) == UnixTime(milliseconds: .max))
    }
}

struct MonthlyQuotaTests {
    private let november = CalendarMonth(year: 2026, month: 11)

    @Test func `a quota is used up at its last minute, and comes back with the next month`() throws {
        let quota = try #require(MonthlyQuota(minutes: 10))
        let month = try #require(november)
        let now = month.end - .seconds(90)
        try quota.check(used: .seconds(599), now: now)
        let error = #expect(throws: SyrinxError.self) { try quota.check(used: .seconds(600), now: now) }
        #expect(error?.code == "tenant.quota_exceeded")
        #expect(error?.retryAfter == .seconds(90))
        #expect(quota.remaining(used: .seconds(590)) == .seconds(10))
        #expect(quota.remaining(used: .seconds(6000)) == .zero)
        #expect(MonthlyQuota(minutes: 0) == nil)
        #expect(MonthlyQuota(minutes: -5) == nil)
        #expect(MonthlyQuota(minutes: .max)?.duration == .seconds(60_000_000_000))
    }

    @Test func `usage is counted by tenant and month`() throws {
        let month = try #require(november)
        let usage = MonthlyUsage()
        let late = month.end - .seconds(60)
        usage.add("acme", from: late - .seconds(300), to: late)
        usage.add("other", from: late - .seconds(30), to: late)
        #expect(usage.used("acme", now: late) == .seconds(300))
        #expect(usage.used("other", now: late) == .seconds(30))
        #expect(usage.used("nobody", now: late) == .zero)
        usage.add("acme", from: late, to: month.end + .seconds(10))
        #expect(usage.used("acme", now: late) == .seconds(360))
        #expect(usage.used("acme", now: month.end) == .seconds(10))
        #expect(throws: SyrinxError.self) { try usage.admit("acme", quota: MonthlyQuota(minutes: 6), now: late) }
        try usage.admit("acme", quota: MonthlyQuota(minutes: 6), now: month.end)
        try usage.admit("acme", quota: nil, now: late)
    }

    @Test func `a clock that jumps for a moment wipes nothing`() throws {
        let month = try #require(november)
        let usage = MonthlyUsage()
        usage.add("acme", from: month.start, to: month.start + .seconds(100))
        usage.add("acme", from: month.start + .seconds(86_400 * 90), to: month.start + .seconds(86_400 * 90 + 5))
        usage.add("acme", from: UnixTime(seconds: 0), to: UnixTime(seconds: 5))
        #expect(usage.used("acme", now: month.start) == .seconds(100))
    }
}
