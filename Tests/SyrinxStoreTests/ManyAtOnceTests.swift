// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxStore

@Suite("Many at once")
struct ManyAtOnceTests {
    @Test func `whoever writes, reads, erases and purges meanwhile, each session is booked once`() async throws {
        let folder = try StoreFolder()
        var options = folder.options
        options.maximumWaiting = 100_000
        let store = try folder.open(options: options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0..<100 {
                        let id = "w\(writer)-\(number)"
                        store.begin(.sample(id, user: "u\(number % 3)", policy: RecordPolicy(keep: .seconds(60))))
                        store.turn(.sample(id, 1, words: number % 3 == 0 ? "canary-words" : "w"))
                        store.end(.sample(id))
                        store.end(.sample(id, reason: "twice"))
                        if number % 10 == 0 { await store.flush() }
                    }
                }
            }
            group.addTask { for _ in 0..<5 { _ = try await store.erase(user: "u0", tenant: "acme") } }
            group.addTask { for _ in 0..<5 { _ = try await store.purge(now: noon + 1) } }
            for _ in 0..<3 {
                group.addTask { for try await line in store.export(tenant: "acme") { #expect(line.hasSuffix("}\n")) } }
                group.addTask { for _ in 0..<20 { _ = try await store.records(tenant: "acme") } }
            }
            try await group.waitForAll()
        }
        _ = try await store.erase(user: "u0", tenant: "acme")
        #expect(try folder.files(containing: "canary-words") == [])
        let usage = try await store.usage(tenant: "acme", from: noon, to: noon + 1)
        #expect(usage.map(\.sessions) == [800] && usage.map(\.minutes) == [800])
        #expect(store.minutesThisMonth(tenant: "acme", now: noon) == 800)
        #expect(store.counters.dropped == 0 && store.counters.failures == [:])
        await store.close(now: noon)
    }
}
