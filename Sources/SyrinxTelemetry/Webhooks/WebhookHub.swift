// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore

/// The queues of all endpoints, as the configuration in force has them. Thread-safe; `send` never waits.
package final class WebhookHub: Sendable {
    private struct Running {
        var queue: WebhookQueue
        var task: Task<Void, Never>
    }

    private struct State {
        /// By tenant and name.
        var running: [String: Running] = [:]
        /// What an earlier process left, until its endpoints are known.
        var remembered: [String: [RememberedWebhook]]
        var isStopped = false
    }

    private let state: Mutex<State>
    private let options: WebhookSchedule.Options
    private let poster: any HTTPPoster
    private let clock: TelemetryClock
    private let journal: (any WebhookJournal)?

    /// - Parameters:
    ///   - journal: none = what waits lives in memory alone.
    ///   - remembered: what the journal has from an earlier process.
    package init(
        poster: any HTTPPoster, options: WebhookSchedule.Options = WebhookSchedule.Options(),
        clock: TelemetryClock = .system, journal: (any WebhookJournal)? = nil, remembered: [RememberedWebhook] = []
    ) {
        let byKey = Dictionary(grouping: remembered) { Self.key($0.event.tenant, $0.endpoint) }
        state = Mutex(State(remembered: byKey))
        self.journal = journal
        self.poster = poster
        self.options = options
        self.clock = clock
    }

    /// In the order of their keys.
    package var queues: [(key: String, queue: WebhookQueue)] {
        state.withLock { $0.running.map { ($0.key, $0.value.queue) } }.sorted { $0.0 < $1.0 }
    }

    /// At the start and at each reload. An endpoint that stays keeps what it has pending; one that goes loses it.
    package func apply(_ endpoints: [WebhookEndpoint]) {
        let named = Dictionary(endpoints.map { (Self.key(of: $0), $0) }, uniquingKeysWith: { $1 })
        state.withLock { state in
            guard !state.isStopped else { return }
            for (key, gone) in state.running where named[key] == nil {
                gone.task.cancel()
                state.running[key] = nil
                journal?.forget(endpoint: gone.queue.endpoint.name, of: gone.queue.endpoint.tenant)
            }
            for (key, endpoint) in named {
                if let known = state.running[key]?.queue {
                    if known.endpoint != endpoint { known.move(to: endpoint) }
                } else {
                    let queue = WebhookQueue(
                        endpoint, options: options, poster: poster, clock: clock, journal: journal,
                        remembered: state.remembered[key] ?? [])
                    state.running[key] = Running(queue: queue, task: Task { await queue.run() })
                }
            }
            for (key, events) in state.remembered where named[key] == nil { forget(endpointOf: events) }
            state.remembered = [:]
        }
    }

    /// Goes on with what another process left that ended after this one began. An endpoint that is not configured loses
    /// what waits for it.
    package func take(_ remembered: [RememberedWebhook]) {
        let byKey = Dictionary(grouping: remembered) { Self.key($0.event.tenant, $0.endpoint) }
        state.withLock { state in
            // At the end nothing is taken, and the journal keeps it for the next process.
            guard !state.isStopped else { return }
            for (key, events) in byKey {
                if let queue = state.running[key]?.queue { queue.restore(events) } else { forget(endpointOf: events) }
            }
        }
    }

    private func forget(endpointOf events: [RememberedWebhook]) {
        guard let one = events.first else { return }
        journal?.forget(endpoint: one.endpoint, of: one.event.tenant)
    }

    /// Tells all endpoints of the tenant that want events of this type. One event: all of them see the same id.
    /// - Parameters:
    ///   - data: asked for only when somebody wants it.
    ///   - time: nanoseconds since 1970.
    package func send(
        _ type: String, tenant: String, about subject: WebhookEvent.Subject = .init(), at time: Int64,
        data: () -> JSONValue
    ) {
        let wanting = state.withLock { state in
            state.running.values.map(\.queue).filter { $0.endpoint.wants(type, of: tenant) }
        }
        if wanting.isEmpty { return }
        let event = WebhookEvent(type: type, tenant: tenant, subject: subject, data: data(), at: time)
        for queue in wanting { queue.add(event) }
    }

    /// Forgets what a tenant's endpoints are still to be told of somebody, and dead letters about them.
    package func forget(tenant: String, where isAbout: (WebhookEvent.Subject) -> Bool) {
        for (_, queue) in queues where queue.endpoint.tenant == tenant { queue.forget { isAbout($0.subject) } }
    }

    /// Forgets events of a tenant by their ids, dead letters among them: they have been kept for long enough.
    package func forget(tenant: String, events: Set<String>) {
        for (_, queue) in queues where queue.endpoint.tenant == tenant { queue.forget { events.contains($0.id) } }
    }

    /// Sends what is pending, for the end of the process; nothing is taken after that.
    /// - Returns: how many events are still pending: lost, unless there is a journal.
    package func stop(within time: Duration) async -> Int {
        let running = state.withLock { state in
            state.isStopped = true
            defer { state.running = [:] }
            return Array(state.running.values)
        }
        return await withTaskGroup(of: Int.self) { group in
            for one in running {
                one.task.cancel()
                group.addTask {
                    await one.task.value
                    return await one.queue.flush(within: time)
                }
            }
            return await group.reduce(0, +)
        }
    }

    private static func key(of endpoint: WebhookEndpoint) -> String { key(endpoint.tenant, endpoint.name) }
    private static func key(_ tenant: String, _ endpoint: String) -> String { "\(tenant)/\(endpoint)" }
}
