// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What secrets stand for, by their hash: so nothing that is in memory can be presented, and a look-up takes no longer
/// for a better guess.
///
/// Bounded, in all and for each owner, whose values may be bounded by their size, too. When it is full, what has expired goes; if nothing has, the newcomer is refused:
/// pushing the oldest out would let one caller take away the tokens of another.
struct SecretTable<Value> {
    private struct Entry {
        var owner: String
        var value: Value
        var size: Int
        var expires: Instant
    }

    private struct Holding {
        var count = 0
        var size = 0
    }

    private let capacity: Int
    private let perOwner: Int
    private let sizePerOwner: Int
    private var entries: [SecretHash: Entry] = [:]
    private var holdings: [String: Holding] = [:]
    /// Before it nothing expires: a full table is not looked through for every newcomer.
    private var nextExpiry = Instant.distantFuture

    init(capacity: Int, perOwner: Int, sizePerOwner: Int = .max) {
        self.capacity = max(1, capacity)
        self.perOwner = max(1, perOwner)
        self.sizePerOwner = max(1, sizePerOwner)
    }

    var count: Int { entries.count }

    /// - Returns: false when there is no room.
    mutating func insert(
        _ hash: SecretHash, _ value: Value, size: Int = 0, owner: String, expires: Instant, now: Instant
    ) -> Bool {
        if !hasRoom(owner, size) { removeExpired(now: now) }
        guard hasRoom(owner, size), entries[hash] == nil else { return false }
        entries[hash] = Entry(owner: owner, value: value, size: size, expires: expires)
        holdings[owner, default: Holding()].count += 1
        holdings[owner, default: Holding()].size += size
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
        var left = holdings[entry.owner] ?? Holding()
        left.count -= 1
        left.size -= entry.size
        holdings[entry.owner] = left.count > 0 ? left : nil
        return entry
    }

    private func hasRoom(_ owner: String, _ size: Int) -> Bool {
        let holding = holdings[owner] ?? Holding()
        return entries.count < capacity && holding.count < perOwner && size <= sizePerOwner - holding.size
    }

    private mutating func removeExpired(now: Instant) {
        guard nextExpiry <= now else { return }
        for hash in entries.filter({ $0.value.expires <= now }).map(\.key) { remove(hash) }
        nextExpiry = entries.values.map(\.expires).min() ?? .distantFuture
    }
}
