// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxStore

/// The files are copied while the store is at work: what the next process finds after `kill -9`.
@Suite("After a crash each session's record is closed exactly once")
struct CrashTests {
    @Test func `what was open is closed at its last known time`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("turned", at: noon))
        store.turn(.sample("turned", 1, at: noon + 10_000))
        store.turn(.sample("turned", 2, at: noon + 20_000))
        store.begin(.sample("silent", at: noon + 1000))
        store.begin(.sample("ended", at: noon))
        store.end(.sample("ended"))
        await store.flush()

        let next = try folder.copy().open("run-2", now: noon + day)
        #expect(next.crashedSessions == 2)
        let turned = try #require(try await next.record("turned", tenant: "acme"))
        #expect(turned.reason == "host_crashed" && turned.endedAt == noon + 22_000 && turned.totals.turns == 2)
        let silent = try #require(try await next.record("silent", tenant: "acme"))
        #expect(silent.reason == "host_crashed" && silent.endedAt == noon + 1000)
        #expect(try await next.record("ended", tenant: "acme")?.reason == "user_hangup")
        #expect(try await next.records(tenant: "acme", filter: .init(reason: "host_crashed")).records.count == 2)
    }

    @Test func `a crash upon a crash books nothing twice`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        for number in 0..<1200 {
            store.begin(.sample("s\(number)"))
            store.turn(.sample("s\(number)", 1, at: noon + 58_000))
        }
        await store.flush()
        let second = try folder.copy()
        let next = try second.open("run-2")
        #expect(next.crashedSessions == 1200)
        let last = try second.copy().open("run-3")
        #expect(last.crashedSessions == 0)
        let usage = try await last.usage(tenant: "acme", from: noon, to: noon + 1)
        #expect(usage.map(\.sessions) == [1200] && usage.map(\.minutes) == [1200])
        #expect(last.minutesThisMonth(tenant: "acme", now: noon) == 1200)
    }

    @Test func `a late word of the run that crashed changes nothing`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1"))
        await store.flush()
        let next = try folder.copy().open("run-2")
        next.turn(.sample("s1", 1))
        next.end(.sample("s1"))
        await next.flush()
        #expect(next.counters.ignored == 2)
        #expect(try await next.record("s1", tenant: "acme")?.reason == "host_crashed")
    }

    /// Each cut of the log is a moment at which the machine may have died.
    @Test func `a log that is cut off anywhere opens, and holds a whole number of writes`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        for number in 0..<20 {
            store.begin(.sample("s\(number)"))
            store.end(.sample("s\(number)"))
            await store.flush()
        }
        let size = try folder.copy().logSize()
        for cut in stride(from: 0, through: size, by: max(1, size / 40)) {
            let copy = try folder.copy()
            try copy.cutLog(at: cut)
            let next = try copy.open("run-2")
            let sessions = try await next.records(tenant: "acme", limit: 200).records.count
            #expect(
                try await next.usage(tenant: "acme", from: 0, to: noon + day).reduce(0) { $0 + $1.sessions } == sessions
            )
        }
    }
}
