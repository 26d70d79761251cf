// SPDX-License-Identifier: Apache-2.0

/// A table of what was used last, bounded: when it is full, the half that was used least recently goes at once. Each
/// access is of constant cost, spread over all of them.
///
/// For what is only remembered to limit others: what is forgotten begins anew.
struct RecentTable<Key: Hashable, Value> {
    private let half: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    /// - Parameter capacity: never exceeded; two or more.
    init(capacity: Int) { half = max(1, capacity / 2) }

    var count: Int { young.count + old.count }

    /// Reading is a use, too: who is refused again and again is not forgotten.
    mutating func use(_ key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old[key] else { return nil }
        set(key, value)
        return value
    }

    mutating func set(_ key: Key, _ value: Value) {
        if young.count >= half, young[key] == nil {
            old = young
            young = [:]
        }
        old[key] = nil
        young[key] = value
    }
}
