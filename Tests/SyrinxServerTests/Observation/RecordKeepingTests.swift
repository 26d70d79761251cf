// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import SyrinxCore
import SyrinxStore
import SyrinxTelemetry
import Testing

@testable import SyrinxServer

@Suite("Keeping records for as long as they may be", .tags(.integration), .timeLimit(.minutes(10)))
struct RecordKeepingTests {
    /// Takes nothing.
    private struct Unwilling: HTTPPoster {
        func post(
            _ url: String, headers: [(String, String)], body: [UInt8], timeout: Duration
        ) async throws -> (status: Int, retryAfter: Duration?) { (400, nil) }
    }

    @Test func `a dead letter goes with the words that it tells, and cannot be sent again`() async throws {
        let folder = NSTemporaryDirectory() + "syrinx-keeping-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try RecordStore(StoreOptions(database: "\(folder)/records.db"), hostRun: "run-1", now: 0)
        store.begin(
            SessionStart(
                id: "s1", tenant: "acme", profile: "mock", startedAt: 0,
                policy: RecordPolicy(keepTranscripts: .seconds(86_400))))
        store.end(SessionEnd(session: "s1", reason: "client_closed", endedAt: 1000))
        let hub = WebhookOutbox.hub(store, poster: Unwilling(), logger)
        hub.apply([try WebhookEndpoint(name: "crm", tenant: "acme", url: "https://h/crm", secret: "s")])
        hub.send(WebhookEvent.turnEnded, tenant: "acme", about: .init(session: "s1"), at: 0) {
            ["user_text": "the canary sings"]
        }
        let queue = try #require(hub.queues.first?.queue)
        while queue.deadLetters.isEmpty { await Task.yield() }
        let id = try #require(queue.deadLetters.first?.event.id)
        await store.flush()

        let keeping = Task { await RecordKeeping(store: store, webhooks: hub, logger: logger).run() }
        while !queue.deadLetters.isEmpty { await Task.yield() }
        #expect(queue.resend(id) == nil)
        #expect(try store.outboxEvents().isEmpty)
        keeping.cancel()
        await keeping.value
        _ = await hub.stop(within: .zero)
        await store.close(now: 0)
    }
}
