// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import SyrinxAccess
import SyrinxCore
import SyrinxServer
import SyrinxStore
import Testing

@Suite("Minutes of the month after a restart", .tags(.integration))
struct QuotaTests {
    /// A hundred calls of a tenant, a day each, all of this month: more than the month itself has minutes.
    private func busyMonth(_ storage: StoreOptions) async throws {
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let store = try RecordStore(storage, hostRun: "before", now: now) { _ in }
        for number in 0..<100 {
            store.begin(SessionStart(id: "ses_\(number)", tenant: "acme", profile: "mock", startedAt: now))
            store.end(SessionEnd(session: "ses_\(number)", reason: "client_closed", endedAt: now + 86_400_000))
        }
        await store.close(now: now)
    }

    private func withBusyMonth(
        _ change: @escaping @Sendable (inout ServerOptions) throws -> Void, _ body: (TestServer) async throws -> Void
    ) async throws {
        let folder = NSTemporaryDirectory() + "syrinx-quota-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let storage = StoreOptions(database: "\(folder)/syrinx.db")
        try await busyMonth(storage)
        let server = try await TestServer.start { options in
            try TwoTenants.configure(&options)
            options.storage = storage
            try change(&options)
        }
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private func call(_ server: TestServer) async throws -> Caller {
        try await Caller(port: server.port, "profile=mock", fields: TwoTenants.bearer(TwoTenants.talk))
    }

    @Test func `count whole, though calls in parallel lasted longer than the month`() async throws {
        try await withBusyMonth {
            $0.policy.tenants["acme"]?.minutes = MonthlyQuota(minutes: 100_000)
        } _: { server in
            let refusal = await #expect(throws: HTTPReply.self) { _ = try await call(server) }
            #expect(refusal?.status == 429 && refusal?.problem == "tenant.quota_exceeded")
        }
    }

    @Test func `count for a limit that comes with a later configuration`() async throws {
        let source = FakeSource(.success(ServerPolicy()))
        try await withBusyMonth { options in
            var limited = options.policy
            limited.tenants["acme"]?.minutes = MonthlyQuota(minutes: 100_000)
            source.next.withLock { [limited] in $0 = .success(limited) }
            options.source = source
            options.adminAddress = AdminAddress(host: "127.0.0.1", port: 0)
        } _: { server in
            try await call(server).hangUp()
            let admin = HTTPClient(port: try #require(server.server.adminPort))
            let fields = TwoTenants.bearer(TwoTenants.operator)
            #expect(try await admin.send("POST", "/reload", fields: fields).json["applied"] == true)
            let refusal = await #expect(throws: HTTPReply.self) { _ = try await call(server) }
            #expect(refusal?.problem == "tenant.quota_exceeded")
        }
    }
}
