// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxStore

@Suite("Changes of pipeline and language in a record")
struct ChangeTests {
    private func change(_ number: Int, in session: String = "s1", to: String = "cascade") -> ChangeRecord {
        ChangeRecord(
            session: session, number: number, subject: number == 2 ? .language : .pipeline, from: "s2s", to: to,
            cause: "requested", at: noon + Int64(number))
    }

    @Test func `they are kept in their order, each once, of the tenant's open session alone`() async throws {
        let store = try StoreFolder().open()
        store.begin(.sample("s1"))
        store.change(change(2, to: "de"))
        store.change(change(1))
        store.change(change(1, to: "other"))
        store.change(change(1, in: "nobody"))
        store.change(change(ChangeRecord.limit + 1))
        store.end(.sample("s1"))
        store.change(change(3))
        await store.flush()
        #expect(try await store.changes(of: "s1", tenant: "acme") == [change(1), change(2, to: "de")])
        #expect(try await store.changesOfAll(of: "s1").count == 2)
        #expect(try await store.changes(of: "s1", tenant: "other").isEmpty)
    }

    @Test func `an export tells them between the session and its turns`() async throws {
        let store = try StoreFolder().open()
        for id in ["s1", "s2"] {
            store.begin(.sample(id))
            store.change(change(1, in: id))
            store.change(change(2, in: id, to: "de"))
            store.turn(.sample(id, 1))
        }
        await store.flush()
        var lines: [JSONValue] = []
        for try await line in store.export(tenant: "acme") { lines.append(try JSONValue(parsing: line.dropLast())) }
        let types = ["session", "change", "change", "turn"]
        #expect(lines.map { $0["type"]?.string } == types + types)
        #expect(
            lines[2] == [
                "type": "change", "session": "s1", "what": "language", "from": "s2s", "to": "de",
                "cause": "requested", "at": "2026-11-28T12:00:00.002Z",
            ])
    }

    @Test(arguments: [true, false]) func `they go with their session`(isOpen: Bool) async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1", user: "bob"))
        store.change(change(1, to: "canary"))
        if !isOpen { store.end(.sample("s1")) }
        _ = try await store.erase(user: "bob", tenant: "acme")
        store.change(change(2, to: "canary"))
        await store.flush()
        #expect(try folder.files(containing: "canary") == [])
        #expect(try await store.changesOfAll(of: "s1").isEmpty)
    }

    @Test func `they are purged with the record`() async throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.begin(.sample("s1", policy: RecordPolicy(keep: .seconds(60))))
        store.change(change(1, to: "canary"))
        store.end(.sample("s1"))
        _ = try await store.purge(now: noon + day)
        #expect(try folder.files(containing: "canary") == [])
    }
}
