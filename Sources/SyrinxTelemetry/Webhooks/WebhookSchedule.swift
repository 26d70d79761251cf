// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What one endpoint is still to be told, and when. A value without clock or socket.
///
/// Each event is delivered at least once or becomes a dead letter; the order is not promised. When the queue is full
/// the new event becomes a dead letter at once: those that wait have waited longer.
package struct WebhookSchedule: Sendable {
    package struct Options: Sendable, Equatable {
        /// Events that wait or are under way.
        package var capacity = 1000
        /// Requests at once.
        package var parallel = 4
        /// Dead letters that are kept; then the oldest is forgotten.
        package var deadLetters = 100
        /// Longer bodies are not taken.
        package var maximumBody = 64 << 10
        package var backoff = Backoff(first: .seconds(4), longest: .seconds(600), tries: 8)

        package init() {}
    }

    package enum Entry: String, Sendable { case queued, full, disabled, tooLarge = "too_large" }

    package enum Step: Sendable, Equatable {
        case send(WebhookEvent)
        case wait(until: Instant)
        /// Until an event comes, or an answer.
        case idle
    }

    /// What a journal has to know of it.
    package enum Change: Sendable, Equatable {
        case added(WebhookEvent)
        /// It waits for its next try.
        case waits(id: String, failures: Int, delay: Duration)
        case died(WebhookDeadLetter)
        /// Taken, or forgotten.
        case gone(id: String)
    }

    struct Item {
        var event: WebhookEvent
        var failures = 0
        var due: Instant
    }

    let options: Options
    private var generator: SplitMix64
    var waiting: [Item] = []
    var underWay: [String: Item] = [:]
    var changes: [Change] = []
    package internal(set) var deadLetters: [WebhookDeadLetter] = []
    package private(set) var counts = WebhookCounts()
    /// The endpoint has said that it is gone: nothing is sent until it is enabled.
    package private(set) var isDisabled = false

    /// - Parameter seed: of the spread of tries.
    package init(_ options: Options = Options(), seed: UInt64) {
        self.options = options
        generator = SplitMix64(seed: seed)
    }

    /// Waiting and under way.
    package var pending: Int { waiting.count + underWay.count }
    package var isSending: Bool { !underWay.isEmpty }

    // MARK: what comes

    package mutating func add(_ event: WebhookEvent, at now: Instant) -> Entry {
        let entry = entry(of: event)
        if entry != .tooLarge { changes.append(.added(event)) }
        switch entry {
        case .queued: waiting.append(Item(event: event, due: now))
        case .full: bury(event, .full)
        case .disabled: bury(event, .disabled)
        // Not kept: that is what the limit is for.
        case .tooLarge: counts.refused += 1
        }
        return entry
    }

    /// Sends a dead letter once more, with the id it had.
    /// - Returns: nil when there is none of that id; it stays dead when it is not queued.
    package mutating func resend(_ id: String, at now: Instant) -> Entry? {
        guard let index = deadLetters.firstIndex(where: { $0.event.id == id }) else { return nil }
        let event = deadLetters[index].event
        let entry = entry(of: event)
        if entry == .queued {
            deadLetters.remove(at: index)
            waiting.append(Item(event: event, due: now))
            changes.append(.waits(id: id, failures: 0, delay: .zero))
        }
        return entry
    }

    package mutating func enable() { isDisabled = false }

    /// What waits for its next try is due now.
    package mutating func hasten(at now: Instant) {
        for index in waiting.indices { waiting[index].due = min(waiting[index].due, now) }
    }

    private func entry(of event: WebhookEvent) -> Entry {
        if isDisabled { return .disabled }
        if event.body.count > options.maximumBody { return .tooLarge }
        return pending < options.capacity ? .queued : .full
    }

    // MARK: what goes

    package mutating func next(at now: Instant) -> Step {
        guard underWay.count < options.parallel,
            let index = waiting.indices.min(by: { waiting[$0].due < waiting[$1].due })
        else { return .idle }
        guard waiting[index].due <= now else { return .wait(until: waiting[index].due) }
        let item = waiting.remove(at: index)
        underWay[item.event.id] = item
        return .send(item.event)
    }

    /// - Parameter answer: nil when there was none.
    package mutating func finish(_ id: String, _ answer: (status: Int, retryAfter: Duration?)?, at now: Instant) {
        guard var item = underWay.removeValue(forKey: id) else { return }
        switch answer?.status {
        case .some(200..<300):
            counts.delivered += 1
            changes.append(.gone(id: id))
        case 410:
            isDisabled = true
            bury(item.event, .disabled, status: 410, failures: item.failures + 1)
            for item in waiting { bury(item.event, .disabled, failures: item.failures) }
            waiting = []
        case .some(400..<500) where answer?.status != 408 && answer?.status != 429:
            bury(item.event, .refused, status: answer?.status, failures: item.failures + 1)
        case let status:
            item.failures += 1
            counts.failedTries += 1
            guard item.failures < options.backoff.tries, !isDisabled else {
                bury(item.event, isDisabled ? .disabled : .exhausted, status: status, failures: item.failures)
                return
            }
            let delay = options.backoff.delay(after: item.failures, asked: answer?.retryAfter, using: &generator)
            item.due = now + delay
            waiting.append(item)
            changes.append(.waits(id: id, failures: item.failures, delay: delay))
        }
    }

    /// Puts back what was under way, as if it had not been tried.
    package mutating func putBack(_ id: String, at now: Instant) {
        guard let item = underWay.removeValue(forKey: id) else { return }
        waiting.append(item)
    }

    mutating func bury(
        _ event: WebhookEvent, _ reason: WebhookDeadLetter.Reason, status: Int? = nil, failures: Int = 0
    ) {
        counts.dead += 1
        let letter = WebhookDeadLetter(event: event, reason: reason, status: status, failures: failures)
        deadLetters.append(letter)
        changes.append(.died(letter))
        if deadLetters.count > options.deadLetters { changes.append(.gone(id: deadLetters.removeFirst().event.id)) }
    }
}
