// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxCore
import Testing

@testable import SyrinxStore

@Suite("Events that wait for an endpoint, in the database")
struct OutboxTests {
    private func event(_ id: String, session: String = "s1", user: String = "bob") -> OutboxEvent {
        OutboxEvent(
            id: id, tenant: "acme", endpoint: "crm", type: "turn.ended", session: session, user: user,
            time: noon * 1_000_000, body: Array("{\"heard\":\"canary-of-\(user)\",\"id\":\"\(id)\"}".utf8), due: noon)
    }

    private func add(_ store: RecordStore, _ events: OutboxEvent...) {
        for event in events { store.outbox(.added(event), tenant: event.tenant, endpoint: event.endpoint) }
    }

    private func change(_ store: RecordStore, _ change: OutboxChange) {
        store.outbox(change, tenant: "acme", endpoint: "crm")
    }

    @Test func `what waits when the process is killed is there for the next, to the byte`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1", user: "bob"))
        add(store, event("e1"), event("e2"), event("e3"))
        add(store, event("e1"))
        change(store, .gone(id: "e1"))
        change(store, .waits(id: "e2", failures: 3, due: noon + 8000))
        change(store, .died(id: "e3", failures: 1, reason: "refused", status: 404))
        await store.flush()
        // Records alone are counted as such.
        #expect(store.counters.written == 1 && store.counters.ignored == 0)
        #expect(store.counters.dropped == 0 && store.counters.refused == 0)

        let left = try folder.copy()
        let next = try left.open("run-2")
        var (second, third) = (event("e2"), event("e3"))
        (second.failures, second.due) = (3, noon + 8000)
        (third.failures, third.death, third.status) = (1, "refused", 404)
        #expect(try next.outboxEvents() == [second, third])
        #expect(next.crashed.records.map(\.id) == ["s1"])
        #expect(next.crashed.records.map(\.reason) == ["host_crashed"])

        change(next, .waits(id: "e3", failures: 0, due: noon))
        next.outbox(.endpointGone, tenant: "acme", endpoint: "other")
        await next.flush()
        #expect(try next.outboxEvents().map(\.death) == [nil, nil])
        change(next, .endpointGone)
        await next.flush()
        #expect(try next.outboxEvents().isEmpty)
    }

    @Test func `erasing a user reaches what waits, down to the bytes`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1", user: "bob"))
        store.begin(.sample("s2", user: "eve"))
        add(store, event("e1"), event("e2", session: "s2", user: "eve"))
        change(store, .died(id: "e1", failures: 8, reason: "exhausted", status: nil))
        await store.flush()
        #expect(try !folder.files(containing: "canary-of-bob").isEmpty)
        #expect(try await store.erase(user: "bob", tenant: "acme").sessions == 1)
        #expect(try folder.files(containing: "canary-of-bob") == [])
        #expect(try store.outboxEvents().map(\.id) == ["e2"])

        // The session goes on; nothing more is kept of it.
        add(store, event("e3"))
        store.end(.sample("s1"))
        add(store, event("e4"))
        await store.flush()
        #expect(try store.outboxEvents().map(\.id) == ["e2"])
        #expect(try await store.erase(session: "s2", tenant: "acme") != nil)
        #expect(try store.outboxEvents().isEmpty)
    }

    @Test func `nothing waits for longer than the words of its session are kept`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(
            .sample("s1", policy: RecordPolicy(keep: .seconds(30 * 86_400), keepTranscripts: .seconds(2 * 86_400))))
        store.begin(.sample("s2", policy: RecordPolicy(transcripts: false, keep: .seconds(30 * 86_400))))
        for id in ["s1", "s2"] { store.end(.sample(id)) }
        add(store, event("e1"), event("e2", session: "s2"))
        let expired = Expired()
        for (days, left, gone) in [(1, ["e1", "e2"], []), (3, ["e2"], ["acme e1"]), (31, [], ["acme e1", "acme e2"])] {
            _ = try await store.purge(now: noon + Int64(days) * day, onExpired: expired.add)
            #expect(try store.outboxEvents().map(\.id) == left)
            #expect(expired.all == gone)
        }
    }

    @Test func `events beyond what may wait for the disk are not kept, and records come first`() async throws {
        let folder = try StoreFolder()
        var options = folder.options
        options.maximumWaitingBytes = 64 << 10
        options.maximumWaiting = 4
        let store = try folder.open(options: options)
        let large = OutboxEvent(
            id: "e0", tenant: "acme", endpoint: "crm", type: "turn.ended", session: "s1", user: "", time: 0,
            body: [UInt8](repeating: 0x61, count: 65 << 10))
        add(store, large)
        #expect(store.counters.dropped == 1)
        store.begin(.sample("s1"))
        store.end(.sample("s1"))
        await store.flush()
        #expect(store.counters.written == 2)
    }
}

/// What a purge says that nobody is to send any more.
private final class Expired: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }

    func add(_ tenant: String, _ events: Set<String>) {
        list.withLock { $0 += events.sorted().map { "\(tenant) \($0)" } }
    }
}
