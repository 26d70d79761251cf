// SPDX-License-Identifier: Apache-2.0

import GRDB
import SyrinxCore
import Testing

@testable import SyrinxStore

@Suite("Records are written once and read through their tenant")
struct RecordStoreTests {
    @Test func `a session is there from its start, with all that is known of it`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1", user: "bob"))
        #expect(await store.flush())
        let open = try #require(try await store.record("s1", tenant: "acme"))
        #expect(open.user == "bob" && open.profile == "reception" && open.providers == ["tts": "flite@1.0.0"])
        #expect(open.peer == "192.0.2.7" && open.hostRun == "run-1" && open.endedAt == nil)
        #expect(open.json["state"] == "open" && open.json["started_at"] == "2026-11-28T12:00:00.000Z")

        store.turn(.sample("s1", 1))
        store.turn(.sample("s1", 2, words: "good bye"))
        store.end(.sample("s1"))
        await store.flush()
        let closed = try #require(try await store.record("s1", tenant: "acme"))
        #expect(closed.reason == "user_hangup" && closed.endedAt == noon + 60_000)
        #expect(closed.totals.turns == 2 && closed.totals.characters == 28)
        #expect(
            try await store.turns(of: "s1", tenant: "acme") == [
                .sample("s1", 1), .sample("s1", 2, words: "good bye"),
            ])
    }

    @Test func `a second start, turn or end changes nothing`() async throws {
        let store = try StoreFolder().open()
        store.begin(.sample("s1", user: "bob"))
        store.begin(.sample("s1", tenant: "other", user: "eve"))
        store.turn(.sample("s1", 1))
        store.turn(.sample("s1", 1, words: "again"))
        store.end(.sample("s1"))
        store.end(.sample("s1", at: noon + 99_000, reason: "admin"))
        store.turn(.sample("s1", 2))
        await store.flush()
        let record = try #require(try await store.record("s1", tenant: "acme"))
        #expect(record.user == "bob" && record.reason == "user_hangup" && record.endedAt == noon + 60_000)
        #expect(try await store.turns(of: "s1", tenant: "acme") == [.sample("s1", 1)])
        #expect(store.counters.written == 3 && store.counters.ignored == 4)
        #expect(try await store.usage(tenant: "acme", from: 0, to: noon + day).map(\.sessions) == [1])
    }

    @Test func `another tenant's session looks like none`() async throws {
        let store = try StoreFolder().open()
        store.begin(.sample("s1", user: "bob"))
        store.turn(.sample("s1", 1))
        store.end(.sample("s1"))
        await store.flush()
        #expect(try await store.record("s1", tenant: "other") == nil)
        #expect(try await store.turns(of: "s1", tenant: "other").isEmpty)
        #expect(try await store.records(tenant: "other").records.isEmpty)
        #expect(try await store.usage(tenant: "other", from: 0, to: noon + day).isEmpty)
        #expect(try await store.erase(session: "s1", tenant: "other") == nil)
        #expect(try await store.erase(user: "bob", tenant: "other") == Erasure())
        for try await _ in store.export(tenant: "other") { Issue.record("a line of another tenant") }
        #expect(try await store.recordOfAll("s1")?.tenant == "acme")
        #expect(try await store.recordsOfAll().records.map(\.id) == ["s1"])
    }

    @Test func `words that the policy keeps out never touch the disk`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1", policy: RecordPolicy(transcripts: false)))
        store.turn(.sample("s1", 1, words: "canary-93021"))
        await store.flush()
        let turn = try #require(try await store.turns(of: "s1", tenant: "acme").first)
        #expect(turn.user == nil && turn.heard == nil && turn.steps == ["total": 612.5, "stt": 80])
        #expect(try folder.files(containing: "canary-93021").isEmpty)
    }

    @Test func `ids that are not plain are refused, and users that cannot be found again are left out`() async throws {
        let store = try StoreFolder().open()
        for id in ["", "../x", "a/b", "a.b", String(repeating: "x", count: 65), "a\0b"] {
            store.begin(.sample(id))
            store.begin(.sample("fine", tenant: id))
        }
        #expect(store.counters.refused == 12)
        store.begin(.sample("s1", user: "bob\0x"))
        store.begin(.sample("s2", user: String(repeating: "u", count: 257)))
        await store.flush()
        let page = try await store.records(tenant: "acme")
        #expect(page.records.count == 2 && page.records.allSatisfy { $0.user == nil })
    }

    @Test func `whatever words come, what is kept is bounded and whole`() async throws {
        let store = try StoreFolder().open()
        store.begin(.sample("s1"))
        store.turn(.sample("s1", 1, words: String(repeating: "ü", count: 40_000)))
        store.turn(.sample("s1", 2, words: "before\0after"))
        store.turn(.sample("s1", 3, words: "Robert'); DROP TABLE session;--"))
        store.turn(.sample("s1", .max, words: "e\u{301}"))
        await store.flush()
        let turns = try await store.turns(of: "s1", tenant: "acme")
        #expect(turns.map(\.number) == [1, 2, 3, .max])
        #expect(turns[0].user == String(repeating: "ü", count: 32_768))
        #expect(turns[1].user == "before\u{FFFD}after")
        #expect(turns[2].user == "Robert'); DROP TABLE session;--")
    }

    @Test func `a clean end closes what is still open, and gives the file back`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1"))
        store.turn(.sample("s1", 1))
        await store.close(now: noon + 5000)
        let next = try folder.copy().open("run-2", now: noon + 9000)
        #expect(next.crashedSessions == 0)
        let record = try #require(try await next.record("s1", tenant: "acme"))
        #expect(record.reason == "host_shutdown" && record.endedAt == noon + 5000 && record.totals.turns == 1)
    }

    /// None of their sums and differences fits.
    @Test func `the largest and smallest numbers, written by a foreign tool, are opened and read`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        for id in ["ended", "open", "today"] { store.begin(.sample(id)) }
        store.end(.sample("ended"))
        await store.flush()
        try await store.onWriter { store in
            try store.file.pool.write { db in
                try db.execute(
                    sql: "UPDATE session SET startedAt = ? WHERE id <> 'today'", arguments: [Int64.min])
                for today in [noon / day, noon / day + 1] {
                    try db.execute(
                        sql: "INSERT OR REPLACE INTO usage VALUES ('acme', ?1, ?2, ?2, ?2, ?2, ?2, ?2, ?2, ?2, ?2)",
                        arguments: [today, Int64.max])
                }
            }
        }

        let next = try folder.copy().open("run-2", now: noon + day)
        #expect(next.crashedSessions == 2)
        let ended = try #require(try await next.record("ended", tenant: "acme"))
        #expect(ended.json["started_at"] == "1970-01-01T00:00:00.000Z")
        #expect(ended.json["duration_ms"]?.int == noon + 60_000)
        let closed = try await next.records(tenant: "acme").records.filter { $0.reason == "host_crashed" }
        #expect(Set(closed.map(\.id)) == ["open", "today"] && closed.allSatisfy { $0.json["duration_ms"]?.int == 0 })
        let usage = try await next.usage(tenant: "acme", from: 0, to: .max)
        #expect(usage.map(\.month) == ["1970-01", "2026-11"])
        let most = 2 * UsageRows.most
        #expect(usage.map(\.sessions) == [1, most] && usage.map(\.duration) == [0, most])
        #expect(usage.last?.totals.characters == most)
        #expect(next.minutesThisMonth(tenant: "acme", now: noon + day) > 0)
    }

    @Test func `files are for the owner alone`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1"))
        await store.flush()
        for name in ["records.db", "records.db-wal", "records.db-shm", "records.db.lock"] {
            #expect(try folder.permissions(name) == 0o600, "\(name)")
        }
    }

    @Test func `ten thousand sessions are written without a loss`() async throws {
        let store = try StoreFolder().open()
        for number in 0..<10_000 {
            let id = "s\(number)"
            store.begin(.sample(id, user: "u\(number % 100)", at: noon + Int64(number)))
            store.turn(.sample(id, 1))
            store.turn(.sample(id, 2))
            store.end(.sample(id, at: noon + Int64(number) + 6000))
            if number % 500 == 0 { await store.flush() }
        }
        #expect(await store.flush())
        #expect(store.counters.written == 40_000 && store.counters.dropped == 0)
        let usage = try await store.usage(tenant: "acme", from: noon, to: noon + day)
        #expect(usage.map(\.sessions) == [10_000] && usage.map(\.minutes) == [1000])
    }
}
