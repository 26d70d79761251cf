// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import SyrinxCore
import Testing

@testable import SyrinxStore

@Suite("A disk that fails costs records, never a call")
struct StoreFaultTests {
    @Test func `when there is no room, writes wait, and go on when there is`() async throws {
        let folder = try StoreFolder()
        let signals = Signals()
        var options = folder.options
        options.maximumBytes = 600 << 10
        let store = try folder.open(options: options, signals: signals)
        let policy = RecordPolicy(keep: .seconds(60))
        var number = 0
        var isSettled = true
        while isSettled, number < 1000 {
            store.begin(.sample("s\(number)", policy: policy))
            store.turn(.sample("s\(number)", 1, words: String(repeating: "w", count: 4000)))
            store.end(.sample("s\(number)"))
            isSettled = await store.flush()
            number += 1
        }
        #expect(!isSettled && store.counters.failures["store.full"] ?? 0 >= 1 && store.counters.waiting > 0)
        #expect(signals.all.count == 1)
        guard case .failing(let error)? = signals.all.first else { return #expect(Bool(false), "\(signals.all)") }
        #expect(error.code == "store.full" && error.retryable)
        #expect(try await store.records(tenant: "acme", limit: 1).records.count == 1)

        #expect(try await store.purge(now: noon + day).sessions > 0)
        #expect(await store.flush())
        #expect(signals.all.last == .recovered)
        #expect(store.counters.waiting == 0 && store.counters.dropped == 0 && store.counters.refused == 0)
        let usage = try await store.usage(tenant: "acme", from: noon, to: noon + 1)
        #expect(usage.map(\.sessions) == [Int64(number)])
    }

    @Test func `when too many wait, turns are dropped first and the caller never waits`() async throws {
        let folder = try StoreFolder()
        let signals = Signals()
        var options = folder.options
        options.maximumWaiting = 10
        let store = try folder.open(options: options, signals: signals)
        store.queue.suspend()
        store.begin(.sample("s1"))
        for turn in 1...100 { store.turn(.sample("s1", turn)) }
        store.end(.sample("s1"))
        #expect(store.counters.waiting == 11 && store.counters.dropped == 91)
        #expect(signals.all == [.dropping(total: 1)])
        for number in 0..<50 { store.begin(.sample("x\(number)")) }
        #expect(store.counters.waiting == 20)
        store.queue.resume()
        #expect(await store.flush())
        #expect(try await store.record("s1", tenant: "acme")?.reason == "user_hangup")
        #expect(try await store.turns(of: "s1", tenant: "acme").count == 9)
    }

    @Test func `bytes that wait are bounded, too`() throws {
        let queue = WriteQueue(maximum: 1000, maximumBytes: 10_000)
        let turn = RecordWrite.turn(.sample("s1", 1, words: String(repeating: "w", count: 2000)))
        #expect((0..<4).map { _ in queue.put(turn) }.filter { $0 == .taken(schedule: nil) }.count == 1)
        #expect(queue.put(turn) == .dropped(first: false, total: 3))
        #expect(queue.put(.end(.sample("s1"))) == .taken(schedule: .atOnce))
    }

    @Test func `a turn may wait for others, what a record cannot do without goes at once`() throws {
        let queue = WriteQueue(maximum: 1000, maximumBytes: 1 << 20)
        let turn = RecordWrite.turn(.sample("s1", 1)), end = RecordWrite.end(.sample("s1"))
        #expect([turn, turn].map(queue.put) == [.taken(schedule: .gathered), .taken(schedule: nil)])
        #expect([end, turn].map(queue.put) == [.taken(schedule: .atOnce), .taken(schedule: nil)])
        queue.remove(queue.oldest(.max).count)
        _ = queue.oldest(1)
        #expect(queue.put(turn) == .taken(schedule: .gathered))
    }

    @Test(arguments: [0, 18, 4096]) func `a damaged file is set aside at the start`(offset: Int) async throws {
        let folder = try StoreFolder()
        do {
            let store = try folder.open()
            store.begin(.sample("s1"))
            await store.flush()
            await store.close(now: noon)
        }
        try folder.damage(from: offset)
        let signals = Signals()
        let store = try folder.open("run-2", signals: signals)
        if offset < 4096 {
            #expect(signals.all == [.setAside(folder.database + ".corrupt-1")])
            #expect(folder.exists("records.db.corrupt-1"))
        }
        store.begin(.sample("s2"))
        await store.flush()
        await store.flush()
        #expect(folder.exists("records.db.corrupt-1") || store.counters.failures.isEmpty)
    }

    @Test(arguments: [true, false])
    func `a file that is damaged at work is set aside, and records go on in a new one`(readFirst: Bool) async throws {
        let folder = try StoreFolder()
        let signals = Signals()
        let store = try folder.open(signals: signals)
        for number in 0..<500 { store.begin(.sample("s\(number)")) }
        await store.flush()
        try await store.onWriter { store in
            try store.truncateLog()
            try store.file.pool.releaseMemory()
        }
        try folder.damage(from: 4096)
        if readFirst {
            let error = await #expect(throws: SyrinxError.self) { try await store.records(tenant: "acme") }
            #expect(error?.code == "store.corrupt")
        }
        for number in 0..<20 {
            store.begin(.sample("t\(number)"))
            await store.flush()
        }
        #expect(signals.all == [.setAside(folder.database + ".corrupt-1")])
        #expect(store.counters.waiting == 0)
        #expect(try await store.records(tenant: "acme").records.count == 20)
    }

    @Test func `a damaged file that cannot be set aside yet is set aside later, and nothing is lost meanwhile`()
        async throws
    {
        let folder = try StoreFolder()
        let signals = Signals()
        let store = try folder.open(signals: signals)
        for number in 0..<500 { store.begin(.sample("s\(number)")) }
        await store.flush()
        try await store.onWriter { store in
            try store.truncateLog()
            try store.file.pool.releaseMemory()
        }
        try folder.damage(from: 4096)
        try FileManager.default.moveItem(atPath: folder.path, toPath: folder.path + "-away")
        for number in 0..<20 { store.begin(.sample("t\(number)")) }
        #expect(await !store.flush())
        #expect(await !store.flush())
        #expect(store.counters.waiting == 20)
        try FileManager.default.moveItem(atPath: folder.path + "-away", toPath: folder.path)
        #expect(await store.flush())
        #expect(signals.all.last == .recovered && store.fault == nil)
        #expect(signals.all.contains(.setAside(folder.database + ".corrupt-1")))
        #expect(try await store.records(tenant: "acme").records.count == 20)
    }

    @Test func `a second server is refused the file`() throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        let error = #expect(throws: SyrinxError.self) { try folder.open("run-2") }
        #expect(error?.code == "store.in_use")
        withExtendedLifetime(store) {}
    }

    @Test func `a newer version's file is left as it is`() async throws {
        let folder = try StoreFolder()
        do {
            let store = try folder.open()
            try await store.onWriter { store in
                try store.file.pool.write { db in
                    try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 of the future')")
                }
            }
            await store.close(now: noon)
        }
        let error = #expect(throws: SyrinxError.self) { try folder.open("run-2") }
        #expect(error?.code == "store.newer")
        #expect(!folder.exists("records.db.corrupt-1"))
    }

    @Test(arguments: ["/proc/records.db", "/dev/null/x/records.db"])
    func `a place that cannot be written to is an error with a fix`(path: String) {
        let error = #expect(throws: SyrinxError.self) {
            try RecordStore(StoreOptions(database: path), hostRun: "run-1", now: noon)
        }
        #expect(error?.code == "store.unavailable" && error?.fix != nil)
    }

    @Test func `rows of the wrong type are read as nothing`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1"))
        store.turn(.sample("s1", 1))
        await store.flush()
        try await store.onWriter { store in
            try store.file.pool.write { db in
                try db.execute(
                    sql: """
                        UPDATE session SET providers = '{]', turns = -9, startedAt = -1, keepsTranscripts = 77;
                        UPDATE turn SET steps = '[1]', usage = '', number = 9223372036854775807, endedAt = -5
                        """)
            }
        }
        let record = try #require(try await store.record("s1", tenant: "acme"))
        #expect(record.providers == [:] && record.json["started_at"] == "1970-01-01T00:00:00.000Z")
        #expect(try await store.turns(of: "s1", tenant: "acme").first?.steps == [:])
    }

    @Test(.enabled(if: TinyDisk.isPossible)) func `on a real disk that is full, writes wait and go on by themselves`()
        async throws
    {
        let disk = try TinyDisk(kilobytes: 512)
        defer { disk.unmount() }
        var options = StoreOptions(database: disk.path + "/records.db")
        options.retryAfter = .milliseconds(1)
        let (signals, continuation) = AsyncStream<StoreSignal>.makeStream()
        let store = try RecordStore(options, hostRun: "run-1", now: noon) { continuation.yield($0) }
        let ballast = disk.path + "/ballast"
        _ = FileManager.default.createFile(atPath: ballast, contents: Data(count: 128 << 10))
        var number = 0
        while store.fault == nil, number < 500 {
            store.begin(.sample("s\(number)"))
            store.turn(.sample("s\(number)", 1, words: String(repeating: "w", count: 4000)))
            await store.flush()
            number += 1
        }
        let fault = try #require(store.fault)
        #expect(["store.full", "store.unavailable"].contains(fault.code) && store.counters.waiting > 0)
        try FileManager.default.removeItem(atPath: ballast)
        for await signal in signals where signal == .recovered { break }
        #expect(await store.flush() && store.fault == nil)
        #expect(try await store.record("s\(number - 1)", tenant: "acme") != nil)
        #expect(try await store.turns(of: "s\(number - 1)", tenant: "acme").count == 1)
        await store.close(now: noon)
    }

    @Test func `after its end the store takes nothing, and traps at nothing`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        await store.close(now: noon)
        store.begin(.sample("s1"))
        await store.flush()
        await store.close(now: noon)
        await #expect(throws: SyrinxError.self) { try await store.records(tenant: "acme") }
        await #expect(throws: SyrinxError.self) { try await store.erase(user: "bob", tenant: "acme") }
        await #expect(throws: SyrinxError.self) { try await store.purge(now: noon) }
        #expect(store.counters.written == 0)
    }
}
