// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What was answered to requests with an idempotency key, so that one that is sent again gets the same answer.
///
/// Bounded, in all and for each tenant. When it is full, what is too old goes; if nothing is, the newcomer is refused:
/// forgetting an answer early would break what the key promises.
package struct IdempotencyTable<Order: Equatable, Answer> {
    private struct Name: Hashable {
        var tenant: String
        var key: String
    }

    private struct Entry {
        var order: Order
        var answer: Answer
        var expires: Instant
    }

    package static var lifetime: Duration { .seconds(600) }

    private let capacity: Int
    private let perTenant: Int
    private var entries: [Name: Entry] = [:]
    private var counts: [String: Int] = [:]
    /// Before it nothing is too old: a full table is not looked through for every newcomer.
    private var nextExpiry = Instant.distantFuture

    package init(capacity: Int = 16_384, perTenant: Int = 2048) {
        self.capacity = max(1, capacity)
        self.perTenant = max(1, perTenant)
    }

    package var count: Int { entries.count }

    /// The answer to a request: that of the first with this key, or a new one.
    /// - Parameters:
    ///   - order: what is asked for.
    ///   - isGood: whether an earlier answer may be given again; where not, a new one takes its place.
    ///   - make: makes a new one. What it throws is not remembered.
    /// - Throws: `request.idempotency_conflict` when the key came with another order, `request.idempotency_full`.
    package mutating func answer(
        to key: String, of tenant: String, order: Order, now: Instant, isGood: (Answer) -> Bool,
        make: () throws(SyrinxError) -> Answer
    ) throws(SyrinxError) -> Answer {
        let name = Name(tenant: tenant, key: key)
        if let entry = entries[name], now < entry.expires {
            guard entry.order == order else { throw Self.conflict }
            if isGood(entry.answer) { return entry.answer }
        }
        remove(name)
        if !hasRoom(tenant) { removeExpired(now: now) }
        guard hasRoom(tenant) else { throw Self.full }
        let answer = try make()
        let expires = now + Self.lifetime
        entries[name] = Entry(order: order, answer: answer, expires: expires)
        counts[tenant, default: 0] += 1
        nextExpiry = min(nextExpiry, expires)
        return answer
    }

    private func hasRoom(_ tenant: String) -> Bool { entries.count < capacity && (counts[tenant] ?? 0) < perTenant }

    private mutating func remove(_ name: Name) {
        guard entries.removeValue(forKey: name) != nil else { return }
        let left = (counts[name.tenant] ?? 1) - 1
        counts[name.tenant] = left > 0 ? left : nil
    }

    private mutating func removeExpired(now: Instant) {
        guard nextExpiry <= now else { return }
        for name in entries.filter({ $0.value.expires <= now }).map(\.key) { remove(name) }
        nextExpiry = entries.values.map(\.expires).min() ?? .distantFuture
    }

    private static var conflict: SyrinxError {
        SyrinxError(
            "request.idempotency_conflict", "this idempotency key came with another request",
            fix: "make a new key for each request")
    }

    private static var full: SyrinxError {
        SyrinxError(
            "request.idempotency_full", "too many idempotency keys are remembered",
            fix: "leave `Idempotency-Key` out, or wait", retryable: true, retryAfter: .seconds(60))
    }
}
