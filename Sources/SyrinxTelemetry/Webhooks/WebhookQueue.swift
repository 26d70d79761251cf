// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore

/// Tells one endpoint what happens, until each event has been taken or given up. Thread-safe; `add` never waits.
///
/// With a journal what is pending when the process ends comes back with the next one; without, it is lost. One `run` at
/// a time.
package final class WebhookQueue: Sendable {
    private let place: Mutex<WebhookEndpoint>
    private let schedule: Mutex<WebhookSchedule>
    private let poster: any HTTPPoster
    private let clock: TelemetryClock
    private let timeout: Duration
    private let journal: (any WebhookJournal)?
    private let waker = Waker()

    package init(
        _ endpoint: WebhookEndpoint, options: WebhookSchedule.Options = WebhookSchedule.Options(),
        timeout: Duration = .seconds(15), poster: any HTTPPoster, clock: TelemetryClock = .system,
        journal: (any WebhookJournal)? = nil, remembered: [RememberedWebhook] = [],
        seed: UInt64 = .random(in: 0 ... .max)
    ) {
        place = Mutex(endpoint)
        self.timeout = timeout
        self.poster = poster
        self.clock = clock
        self.journal = journal
        var schedule = WebhookSchedule(options, seed: seed)
        schedule.restore(remembered, at: clock.now(), unix: clock.unixNanoseconds())
        self.schedule = Mutex(schedule)
    }

    package var endpoint: WebhookEndpoint { place.withLock { $0 } }

    /// The endpoint's configuration has changed: what is pending goes to the new place from its next try on.
    package func move(to endpoint: WebhookEndpoint) {
        place.withLock { $0 = endpoint }
        enable()
    }

    package var counts: WebhookCounts { schedule.withLock(\.counts) }
    package var pending: Int { schedule.withLock(\.pending) }
    package var deadLetters: [WebhookDeadLetter] { schedule.withLock(\.deadLetters) }
    package var isDisabled: Bool { schedule.withLock(\.isDisabled) }

    @discardableResult
    package func add(_ event: WebhookEvent) -> WebhookSchedule.Entry { change { $0.add(event, at: $1) } }

    /// Sends a dead letter once more; nil when there is none of that id.
    @discardableResult
    package func resend(_ id: String) -> WebhookSchedule.Entry? { change { $0.resend(id, at: $1) } }

    /// What another process left.
    func restore(_ remembered: [RememberedWebhook]) {
        let time = clock.unixNanoseconds()
        change { $0.restore(remembered, at: $1, unix: time) }
    }

    /// What is about somebody who wants to be forgotten, or has been kept for long enough.
    package func forget(where isAbout: (WebhookEvent) -> Bool) {
        change { schedule, _ in schedule.forget(where: isAbout) }
    }

    /// After the endpoint was gone.
    package func enable() { change { schedule, _ in schedule.enable() } }

    private func change<Result>(_ body: (inout WebhookSchedule, Instant) -> Result) -> Result {
        let now = clock.now()
        defer { waker.wake() }
        return schedule.withLock { schedule in
            defer { write(schedule.takeChanges()) }
            return body(&schedule, now)
        }
    }

    /// Under the lock, so that the journal has the order of what happened.
    private func write(_ changes: [WebhookSchedule.Change]) {
        guard let journal, !changes.isEmpty else { return }
        let (endpoint, time) = (endpoint, clock.unixNanoseconds())
        for change in changes { journal.note(change, of: endpoint, at: time) }
    }

    // MARK: sending

    /// Until its task is cancelled; what was under way is pending again then.
    package func run() async { await serve(until: nil) }

    /// For the end of a process, when `run` is over: sends what is pending, however long it was to wait.
    /// - Returns: how many events are still pending.
    package func flush(within time: Duration) async -> Int {
        change { $0.hasten(at: $1) }
        await serve(until: clock.now() + time)
        return pending
    }

    /// - Parameter deadline: none to go on when there is nothing to do.
    private func serve(until deadline: Instant?) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let now = clock.now()
                let left = deadline.map { $0 - now }
                if let left, left <= .zero { return }
                let (step, isSending) = schedule.withLock { ($0.next(at: now), $0.isSending) }
                switch step {
                case .send(let event):
                    group.addTask { await self.send(event, within: min(self.timeout, left ?? self.timeout)) }
                case .wait(let due):
                    if let deadline, due >= deadline, !isSending { return }
                    await waker.wait(atMost: min(due - now, left ?? due - now), on: clock)
                case .idle:
                    if deadline != nil, !isSending { return }
                    await waker.wait()
                }
            }
        }
    }

    private func send(_ event: WebhookEvent, within time: Duration) async {
        let endpoint = endpoint
        let timestamp = clock.unixNanoseconds() / 1_000_000_000
        let headers = [
            ("content-type", "application/json"), ("webhook-id", event.id), ("webhook-timestamp", String(timestamp)),
            ("webhook-signature", endpoint.key.signature(id: event.id, timestamp: timestamp, body: event.body)),
        ]
        do {
            let answer = try await poster.post(endpoint.url, headers: headers, body: event.body, timeout: time)
            change { $0.finish(event.id, answer, at: $1) }
        } catch {
            let isCancelled = Task.isCancelled
            change { isCancelled ? $0.putBack(event.id, at: $1) : $0.finish(event.id, nil, at: $1) }
        }
    }
}
