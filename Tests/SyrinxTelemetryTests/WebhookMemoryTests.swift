// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxCore
import Testing

@testable import SyrinxTelemetry

@Suite("Webhooks beyond the end of a process", .tags(.unit), .timeLimit(.minutes(10)))
struct WebhookMemoryTests {
    private let virtual = VirtualClock()
    private let journal = MemoryJournal()

    /// - Parameter tries: without end where a queue that runs beside the test must not come to its last one.
    private func hub(
        _ poster: FakePoster, _ remembered: [RememberedWebhook] = [], tries: Int = 3
    ) -> WebhookHub {
        var options = WebhookSchedule.Options()
        options.backoff = Backoff(first: .seconds(4), longest: .seconds(60), tries: tries)
        options.deadLetters = 2
        return WebhookHub(
            poster: poster, options: options, clock: virtual.clock, journal: journal, remembered: remembered)
    }

    private func endpoint(_ name: String = "crm") throws -> WebhookEndpoint {
        try WebhookEndpoint(name: name, tenant: "acme", url: "https://h/\(name)", secret: "s")
    }

    private func send(_ hub: WebhookHub, session: String = "s1", user: String = "bob") {
        hub.send(
            WebhookEvent.turnEnded, tenant: "acme", about: .init(session: session, user: user),
            at: VirtualClock.start
        ) { ["session": .string(session)] }
    }

    @Test func `what an endpoint did not take goes out again from the next process, with its id and bytes`()
        async throws
    {
        let silent = FakePoster([], otherwise: .nothing)
        let first = hub(silent, tries: .max)
        first.apply([try endpoint()])
        send(first)
        #expect(await first.stop(within: .seconds(1)) == 1)
        let left = journal.remembered
        #expect(left.count == 1 && left.first?.death == nil)

        let willing = FakePoster([])
        let second = hub(willing, left)
        second.apply([try endpoint()])
        #expect(await second.stop(within: .seconds(60)) == 0)
        #expect(willing.sent.map(\.body) == silent.sent.prefix(1).map(\.body))
        #expect(willing.sent.map { $0.headers["webhook-id"] } == [left.first?.event.id])
        #expect(journal.remembered.isEmpty)
    }

    @Test func `tries are counted on`() async throws {
        let event = WebhookEvent(type: WebhookEvent.turnEnded, tenant: "acme", data: [:], at: VirtualClock.start)
        journal.note(.added(event), of: try endpoint(), at: VirtualClock.start)
        let hub = hub(
            FakePoster([], otherwise: .status(500)),
            [RememberedWebhook(endpoint: "crm", event: event, failures: 2, due: .max)])
        hub.apply([try endpoint()])
        #expect(await hub.stop(within: .seconds(60)) == 0)
        #expect(journal.remembered.map(\.death) == [.exhausted])
        #expect(journal.remembered.map(\.failures) == [3])
    }

    @Test func `dead letters come back, can be sent again, and the oldest are forgotten`() async throws {
        let first = hub(FakePoster([], otherwise: .status(400)))
        first.apply([try endpoint()])
        for _ in 0..<3 { send(first) }
        _ = await first.stop(within: .seconds(60))
        let letters = journal.remembered
        #expect(letters.map(\.death) == [.refused, .refused])
        #expect(letters.map(\.status) == [400, 400])

        let willing = FakePoster([])
        let second = hub(willing, letters)
        second.apply([try endpoint()])
        let id = try #require(letters.first?.event.id)
        #expect(second.queues.first?.queue.deadLetters.count == 2)
        #expect(second.queues.first?.queue.resend(id) == .queued)
        #expect(await second.stop(within: .seconds(60)) == 0)
        #expect(willing.sent.map { $0.headers["webhook-id"] } == [id])
        #expect(journal.remembered.map(\.event.id) == letters.dropFirst().map(\.event.id))
    }

    @Test func `an endpoint that is not configured any more loses what waits for it`() async throws {
        let event = WebhookEvent(type: WebhookEvent.turnEnded, tenant: "acme", data: [:], at: 0)
        for name in ["crm", "old"] { journal.note(.added(event), of: try endpoint(name), at: 0) }
        let hub = hub(FakePoster([], otherwise: .nothing), journal.remembered)
        hub.apply([try endpoint()])
        #expect(journal.remembered.map(\.endpoint) == ["crm"])
        hub.apply([])
        #expect(journal.remembered.isEmpty)
        _ = await hub.stop(within: .zero)
    }

    @Test func `who wants to be forgotten is told of no more, and others are`() async throws {
        let hub = hub(FakePoster([.status(400)], otherwise: .nothing), tries: .max)
        hub.apply([try endpoint()])
        send(hub)
        while hub.queues.first?.queue.deadLetters.isEmpty != false { await Task.yield() }
        send(hub, session: "s2")
        send(hub, session: "s3", user: "eve")
        hub.forget(tenant: "globex") { _ in true }
        hub.forget(tenant: "acme") { $0.user == "bob" }
        #expect(journal.remembered.map(\.event.subject.user) == ["eve"])
        #expect(await hub.stop(within: .seconds(1)) == 1)
        #expect(hub.queues.isEmpty && journal.remembered.map(\.event.subject.session) == ["s3"])
    }

    @Test func `what another process leaves while this one runs goes out from here, if its endpoint is known`()
        async throws
    {
        let event = WebhookEvent(type: WebhookEvent.turnEnded, tenant: "acme", data: [:], at: 0)
        for name in ["crm", "old"] { journal.note(.added(event), of: try endpoint(name), at: 0) }
        let willing = FakePoster([])
        let hub = hub(willing)
        hub.apply([try endpoint()])
        hub.take(journal.remembered)
        while hub.queues.first?.queue.counts.delivered != 1 { await Task.yield() }
        #expect(willing.sent.map { $0.headers["webhook-id"] } == [event.id])
        #expect(journal.remembered.isEmpty)
        #expect(await hub.stop(within: .zero) == 0)

        // Whoever ends himself leaves it to the next.
        journal.note(.added(event), of: try endpoint("old"), at: 0)
        hub.take(journal.remembered)
        #expect(journal.remembered.count == 1 && willing.sent.count == 1)
    }

    @Test func `an endpoint that has said that it is gone is sent nothing of what another process leaves`()
        async throws
    {
        let gone = FakePoster([.status(410)])
        let hub = hub(gone)
        hub.apply([try endpoint()])
        send(hub)
        let queue = try #require(hub.queues.first?.queue)
        while !queue.isDisabled { await Task.yield() }
        let event = WebhookEvent(type: WebhookEvent.turnEnded, tenant: "acme", data: [:], at: 0)
        journal.note(.added(event), of: try endpoint(), at: 0)
        hub.take([RememberedWebhook(endpoint: "crm", event: event, failures: 1, due: 0)])
        #expect(queue.pending == 0 && queue.deadLetters.map(\.reason) == [.disabled, .disabled])
        #expect(journal.remembered.map(\.death) == [.disabled, .disabled])
        _ = await hub.stop(within: .zero)
        #expect(gone.sent.count == 1)
    }

    @Test func `what was kept for long enough is sent no more, not even when it is asked for`() async throws {
        let hub = hub(FakePoster([], otherwise: .status(400)))
        hub.apply([try endpoint()])
        for _ in 0..<2 { send(hub) }
        let queue = try #require(hub.queues.first?.queue)
        while queue.deadLetters.count < 2 { await Task.yield() }
        let ids = queue.deadLetters.map(\.event.id)
        hub.forget(tenant: "globex", events: Set(ids))
        #expect(queue.deadLetters.count == 2)
        hub.forget(tenant: "acme", events: [ids[0]])
        #expect(queue.resend(ids[0]) == nil && journal.remembered.map(\.event.id) == [ids[1]])
        #expect(queue.resend(ids[1]) == .queued)
        _ = await hub.stop(within: .zero)
    }

    @Test func `a clock that was set back puts nothing off for long`() {
        var schedule = WebhookSchedule(seed: 1)
        let event = WebhookEvent(type: WebhookEvent.turnEnded, tenant: "acme", data: [:], at: 0)
        schedule.restore(
            [RememberedWebhook(endpoint: "crm", event: event, failures: 1, due: .max)], at: .zero, unix: -5)
        #expect(schedule.next(at: .zero) == .send(event))
        schedule.restore(
            [RememberedWebhook(endpoint: "crm", event: event, failures: 1, due: .max)], at: .zero, unix: 5)
        #expect(schedule.next(at: .zero) == .wait(until: .zero + .seconds(3600)))
    }
}

/// A journal that forgets as a database would.
private final class MemoryJournal: WebhookJournal {
    private let rows = Mutex<[RememberedWebhook]>([])
    var remembered: [RememberedWebhook] { rows.withLock { $0 } }

    func note(_ change: WebhookSchedule.Change, of endpoint: WebhookEndpoint, at time: Int64) {
        rows.withLock { rows in
            switch change {
            case .added(let event):
                rows.append(RememberedWebhook(endpoint: endpoint.name, event: event, failures: 0, due: time))
            case .waits(let id, let failures, let delay):
                for index in rows.indices where rows[index].event.id == id {
                    (rows[index].failures, rows[index].due) = (failures, time + delay.nanoseconds)
                    (rows[index].death, rows[index].status) = (nil, nil)
                }
            case .died(let letter):
                for index in rows.indices where rows[index].event.id == letter.event.id {
                    (rows[index].death, rows[index].status) = (letter.reason, letter.status)
                    rows[index].failures = letter.failures
                }
            case .gone(let id): rows.removeAll { $0.event.id == id }
            }
        }
    }

    func forget(endpoint: String, of tenant: String) {
        rows.withLock { $0.removeAll { $0.endpoint == endpoint && $0.event.tenant == tenant } }
    }
}
