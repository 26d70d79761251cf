// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxStore

@Suite("Usage by tenant and month")
struct UsageTests {
    private static let november: Int64 = 1_793_491_200_000

    @Test func `a session counts in the month in which it began`() async throws {
        let store = try StoreFolder().open(now: noon)
        let december = Self.november + 30 * day
        for (number, start) in [Self.november, december - 1, december, december + 31 * day].enumerated() {
            store.begin(.sample("s\(number)", at: start))
            store.end(.sample("s\(number)", at: start + 90_000))
        }
        store.begin(.sample("still-open", at: december))
        await store.flush()
        let all = try await store.usage(tenant: "acme", from: 0, to: .max)
        #expect(all.map(\.month) == ["2026-11", "2026-12", "2027-01"])
        #expect(all.map(\.sessions) == [2, 1, 1] && all.map(\.minutes) == [3, 1.5, 1.5])
        #expect(all.first?.totals.characters == 56 && all.first?.totals.callerAudio == 120_000)
        #expect(try await store.usage(tenant: "acme", from: december, to: december + day).map(\.month) == ["2026-12"])
    }

    @Test func `the minutes of the month are there without a query, also after a new start`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open(now: noon)
        for tenant in ["acme", "other"] {
            store.begin(.sample("\(tenant)-1", tenant: tenant))
            store.end(.sample("\(tenant)-1", at: noon + 120_000))
        }
        store.begin(.sample("october", at: Self.november - 1))
        store.end(.sample("october", at: Self.november + 120_000))
        await store.flush()
        #expect(store.minutesThisMonth(tenant: "acme", now: noon) == 2)
        #expect(store.minutesThisMonth(tenant: "nobody", now: noon) == 0)
        let next = try folder.copy().open("run-2", now: noon + day)
        #expect(next.minutesThisMonth(tenant: "acme", now: noon + day) == 2)
        #expect(next.minutesThisMonth(tenant: "acme", now: noon + 5 * day) == 0)
    }

    @Test func `the operator sees every tenant's`() async throws {
        let store = try StoreFolder().open()
        for tenant in ["b", "a"] {
            store.begin(.sample(tenant, tenant: tenant))
            store.end(.sample(tenant))
        }
        await store.flush()
        #expect(try await store.usageOfAll(from: noon, to: noon + 1).map(\.tenant) == ["a", "b"])
    }

    @Test func `a clock that went back books nothing negative`() async throws {
        let store = try StoreFolder().open()
        store.begin(.sample("s1"))
        var end = SessionEnd.sample("s1", at: noon - 5000)
        end.totals.characters = -7
        end.totals.callerAudio = .max
        store.end(end)
        store.begin(.sample("s2"))
        store.end(SessionEnd(session: "s2", reason: "x", endedAt: .max, totals: end.totals))
        await store.flush()
        let usage = try #require(try await store.usage(tenant: "acme", from: noon, to: noon + 1).first)
        #expect(usage.sessions == 2 && usage.totals.characters == 0 && usage.duration > 0)
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (951_782_400_123, "2000-02-29T00:00:00.123Z"),
        (1_793_491_199_999, "2026-10-31T23:59:59.999Z"), (4_107_542_399_000, "2100-02-28T23:59:59.000Z"),
        (.min, "1970-01-01T00:00:00.000Z"), (.max, "9999-12-31T23:59:59.999Z"),
    ])
    func `times are printed as dates`(time: Int64, text: String) {
        #expect(UTCDay.timestamp(time) == text)
        #expect(UTCDay.text(of: time) == String(text.prefix(10)))
    }
}
