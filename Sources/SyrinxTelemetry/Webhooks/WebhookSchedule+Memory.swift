// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

// What outlives the process, and what is not to outlive its subject.
extension WebhookSchedule {
    /// What has changed since it was asked last, in order.
    package mutating func takeChanges() -> [Change] {
        defer { changes = [] }
        return changes
    }

    /// What another process left. It may be more than there is room for, nothing is lost for that; of an endpoint that
    /// has said that it is gone it becomes dead letters.
    /// - Parameter time: nanoseconds since 1970, now.
    package mutating func restore(_ remembered: [RememberedWebhook], at now: Instant, unix time: Int64) {
        for one in remembered {
            guard let death = one.death else {
                guard !isDisabled else {
                    bury(one.event, .disabled, failures: max(0, one.failures))
                    continue
                }
                let (left, overflow) = one.due.subtractingReportingOverflow(time)
                // A clock that was set back must not put it off for longer than a try ever waits.
                let delay = overflow ? .zero : min(max(.zero, .nanoseconds(left)), Backoff.longestRetryAfter)
                waiting.append(Item(event: one.event, failures: max(0, one.failures), due: now + delay))
                continue
            }
            deadLetters.append(
                WebhookDeadLetter(
                    event: one.event, reason: death, status: one.status, failures: max(0, one.failures)))
        }
    }

    /// Forgets what is about somebody; a request that is under way is not called back, but not repeated either.
    package mutating func forget(where isAbout: (WebhookEvent) -> Bool) {
        for item in waiting where isAbout(item.event) { changes.append(.gone(id: item.event.id)) }
        for (id, item) in underWay where isAbout(item.event) { changes.append(.gone(id: id)) }
        for letter in deadLetters where isAbout(letter.event) { changes.append(.gone(id: letter.event.id)) }
        waiting.removeAll { isAbout($0.event) }
        underWay = underWay.filter { !isAbout($0.value.event) }
        deadLetters.removeAll { isAbout($0.event) }
    }
}
