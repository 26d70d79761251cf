// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SyrinxCore
internal import SyrinxStore
internal import SyrinxTelemetry

/// Keeps what webhooks are still to be told in the database of records.
struct WebhookOutbox: WebhookJournal {
    let store: RecordStore

    /// The queues as an earlier run left them. Without a database, what waits lives in memory alone.
    static func hub(_ store: RecordStore?, poster: any HTTPPoster, _ logger: Logger) -> WebhookHub {
        guard let store else { return WebhookHub(poster: poster) }
        var remembered: [RememberedWebhook] = []
        do throws(SyrinxError) {
            remembered = try store.outboxEvents().map(RememberedWebhook.init)
        } catch {
            logger.error("webhook events of before cannot be read", metadata: ["error": "\(error)"])
        }
        return WebhookHub(poster: poster, journal: WebhookOutbox(store: store), remembered: remembered)
    }

    /// Goes on with what another run leaves, soon after its end: one that hands its socket over ends later than this one
    /// begins. Until its task is cancelled.
    static func adopt(_ store: RecordStore, for hub: WebhookHub, _ logger: Logger) async {
        while !Task.isCancelled {
            // The store itself tells of its faults.
            if let left = try? await store.adoptOutbox(), !left.isEmpty {
                hub.take(left.map(RememberedWebhook.init))
                logger.info("webhook events of another run taken over", metadata: ["events": "\(left.count)"])
            }
            try? await Task.sleep(for: .seconds(5))
        }
    }

    func note(_ change: WebhookSchedule.Change, of endpoint: WebhookEndpoint, at time: Int64) {
        let milliseconds = time / 1_000_000
        let kept: OutboxChange =
            switch change {
            case .added(let event): .added(OutboxEvent(event, endpoint: endpoint.name, due: milliseconds))
            case .waits(let id, let failures, let delay):
                .waits(id: id, failures: failures, due: milliseconds + delay.nanoseconds / 1_000_000)
            case .died(let letter):
                .died(
                    id: letter.event.id, failures: letter.failures, reason: letter.reason.rawValue,
                    status: letter.status)
            case .gone(let id): .gone(id: id)
            }
        store.outbox(kept, tenant: endpoint.tenant, endpoint: endpoint.name)
    }

    func forget(endpoint: String, of tenant: String) {
        store.outbox(.endpointGone, tenant: tenant, endpoint: endpoint)
    }
}

extension OutboxEvent {
    fileprivate init(_ event: WebhookEvent, endpoint: String, due: Int64) {
        self.init(
            id: event.id, tenant: event.tenant, endpoint: endpoint, type: event.type, session: event.subject.session,
            user: event.subject.user, time: event.time, body: event.body, due: due)
    }
}

extension RememberedWebhook {
    fileprivate init(_ kept: OutboxEvent) {
        self.init(
            endpoint: kept.endpoint,
            event: WebhookEvent(
                id: kept.id, type: kept.type, tenant: kept.tenant,
                subject: .init(session: kept.session, user: kept.user), at: kept.time, body: kept.body),
            failures: kept.failures, due: kept.due.multipliedReportingOverflow(by: 1_000_000).partialValue,
            death: kept.death.map { WebhookDeadLetter.Reason(rawValue: $0) ?? .exhausted }, status: kept.status)
    }
}
