// SPDX-License-Identifier: Apache-2.0

/// The last so many ids, so that closing a session twice is told apart from closing one that never was.
struct RecentIDs {
    private static let limit = 1024

    private var ring: [String] = []
    private var known: Set<String> = []
    private var next = 0

    mutating func insert(_ id: String) {
        known.insert(id)
        guard ring.count == Self.limit else { return ring.append(id) }
        known.remove(ring[next])
        ring[next] = id
        next = (next + 1) % Self.limit
    }

    func contains(_ id: String) -> Bool { known.contains(id) }
}
