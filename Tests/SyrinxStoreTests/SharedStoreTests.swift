// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import Testing

@testable import SyrinxStore

@Suite("A database that one process takes over from another")
struct SharedStoreTests {
    private func shared(_ folder: StoreFolder) -> StoreOptions {
        var options = folder.options
        options.isShared = true
        return options
    }

    private func event(_ id: String, of session: String) -> OutboxEvent {
        OutboxEvent(
            id: id, tenant: "acme", endpoint: "crm", type: "session.started", session: session, user: "", time: 0,
            body: [0x7B, 0x7D], due: noon)
    }

    @Test func `the next run takes neither live sessions for crashed nor events that are being delivered`() async throws
    {
        let folder = try StoreFolder()
        let old = try folder.open("run-1", options: shared(folder))
        old.begin(.sample("s1"))
        old.outbox(.added(event("e1", of: "s1")), tenant: "acme", endpoint: "crm")
        await old.flush()

        let next = try folder.open("run-2", options: shared(folder))
        #expect(next.crashedSessions == 0)
        #expect(try next.outboxEvents().isEmpty)
        next.begin(.sample("s2"))
        old.turn(.sample("s1", 1))
        old.end(.sample("s1"))
        await old.flush()
        #expect(try await next.record("s1", tenant: "acme")?.reason == "user_hangup")
        await old.close(now: noon + 1)
        #expect(try await next.record("s2", tenant: "acme")?.endedAt == nil)
        await next.flush()
        #expect(try await next.turns(of: "s1", tenant: "acme").count == 1)
    }

    @Test func `what a run leaves that ends beside the next one, that one takes over, once`() async throws {
        let folder = try StoreFolder()
        let next: RecordStore
        do {
            let old = try folder.open("run-1", options: shared(folder))
            old.begin(.sample("s1"))
            for id in ["e1", "e2"] {
                old.outbox(.added(event(id, of: "s1")), tenant: "acme", endpoint: "crm")
            }
            await old.flush()
            next = try folder.open("run-2", options: shared(folder))
            next.begin(.sample("s2"))
            next.outbox(.added(event("e3", of: "s2")), tenant: "acme", endpoint: "crm")
            await next.flush()
            #expect(try await next.adoptOutbox().isEmpty)
            await old.close(now: noon + 1)
        }
        while folder.exists("records.db.run-run-1") { await Task.yield() }
        #expect(try await next.adoptOutbox() == [event("e1", of: "s1"), event("e2", of: "s1")])
        #expect(try await next.adoptOutbox().isEmpty)
        #expect(try next.outboxEvents().map(\.id) == ["e1", "e2", "e3"])
    }

    @Test func `what a run leaves that was killed, the next one finds`() async throws {
        let folder = try StoreFolder()
        do {
            let killed = try folder.open("run-1", options: shared(folder))
            killed.begin(.sample("s1"))
            killed.outbox(.added(event("e1", of: "s1")), tenant: "acme", endpoint: "crm")
            await killed.flush()
        }
        // Its queue lets go of it a moment later.
        while folder.exists("records.db.run-run-1") { await Task.yield() }
        // The kernel lets go of a killed process's lock, and leaves its file.
        try Data().write(to: URL(filePath: "\(folder.path)/records.db.run-run-1"))
        let next = try folder.open("run-2", options: shared(folder))
        #expect(next.crashed.records.map(\.id) == ["s1"])
        #expect(try next.outboxEvents().map(\.id) == ["e1"])
        #expect(!folder.exists("records.db.run-run-1") && folder.exists("records.db.run-run-2"))
    }

    @Test func `who does not share keeps others out, and is kept out`() async throws {
        let folder = try StoreFolder()
        func isRefused(_ options: StoreOptions) -> Bool {
            let error = #expect(throws: SyrinxError.self) { try folder.open("run-2", options: options) }
            return error?.code == "store.in_use"
        }
        do {
            let sharing = try folder.open(options: shared(folder))
            #expect(isRefused(folder.options))
            await sharing.close(now: noon)
        }
        let alone = try folder.open()
        #expect(isRefused(shared(folder)))
        await alone.close(now: noon)
    }
}
