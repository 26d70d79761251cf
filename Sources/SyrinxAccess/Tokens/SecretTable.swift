// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What secrets stand for, by their hash: so nothing that is in memory can be presented, and a look-up takes no longer
/// for a better guess.
///
/// Bounded, in all and for each owner. When it is full, what has expired goes; if nothing has, the newcomer is refused:
/// pushing the oldest out would let one caller take away the tokens of another.
struct SecretTable<Value> {
    private struct Entry {
        var owner: String
        var value: Value
        var expires: Instant
    }

    private let capacity: Int
    private let perOwner: Int
    private var entries: [SecretHash: Entry] = [:]
    private var counts: [String: Int] = [:]
    /// Before it nothing expires: a full table is not looked through for every newcomer.
    private var nextExpiry = Instant.distantFuture

    init(capacity: Int, perOwner: Int) {
        self.capacity = max(1, capacity)
        self.perOwner = max(1, perOwner)
    }

    var count: Int { entries.count }

    /// - Returns: false when there is no room.
    mutating func insert(_ hash: SecretHash, _ value: Value, owner: String, expires: Instant, now: Instant) -> Bool {
        if !hasRoom(owner) { removeExpired(now: now) }
        guard hasRoom(owner), entries[hash] == nil else { return false }
        entries[hash] = Entry(owner: owner, value: value, expires: expires)
        counts[owner, default: 0] += 1
        nextExpiry = min(nextExpiry, expires)
        return true
    }

    /// Takes it out: the next look-up finds nothing. Nil when it is unknown or has expired.
    mutating func take(_ hash: SecretHash, now: Instant) -> (value: Value, expires: Instant)? {
        guard let entry = remove(hash), now < entry.expires else { return nil }
        return (entry.value, entry.expires)
    }

    func contains(_ hash: SecretHash, now: Instant) -> Bool { entries[hash].map { now < $0.expires } ?? false }

    mutating func setExpiry(_ hash: SecretHash, _ expires: Instant) {
        guard entries[hash] != nil else { return }
        entries[hash]?.expires = expires
        nextExpiry = min(nextExpiry, expires)
    }

    /// - Returns: how many there were.
    mutating func removeAll(where isUnwanted: (String, Value) -> Bool) -> Int {
        let hashes = entries.filter { isUnwanted($0.value.owner, $0.value.value) }.map(\.key)
        for hash in hashes { _ = remove(hash) }
        return hashes.count
    }

    @discardableResult
    private mutating func remove(_ hash: SecretHash) -> Entry? {
        guard let entry = entries.removeValue(forKey: hash) else { return nil }
        let left = (counts[entry.owner] ?? 1) - 1
        counts[entry.owner] = left > 0 ? left : nil
        return entry
    }

    private func hasRoom(_ owner: String) -> Bool { entries.count < capacity && (counts[owner] ?? 0) < perOwner }

    private mutating func removeExpired(now: Instant) {
        guard nextExpiry <= now else { return }
        for hash in entries.filter({ $0.value.expires <= now }).map(\.key) { remove(hash) }
        nextExpiry = entries.values.map(\.expires).min() ?? .distantFuture
    }
}
