// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The generations that were cancelled last.
///
/// Exact, not a floor: a host may cancel a speculative answer while an older one still plays. Sixteen are enough, since
/// only the work under way is ever asked about.
final class CancelledGenerations: Sendable {
    private static let capacity = 16

    private struct Ring {
        var values = [UInt64](repeating: 0, count: capacity)
        var count = 0
    }

    private let ring = Mutex(Ring())

    func insert(_ generation: UInt64) {
        ring.withLock { ring in
            ring.values[ring.count % Self.capacity] = generation
            ring.count &+= 1
        }
    }

    func contains(_ generation: UInt64) -> Bool {
        ring.withLock { ring in
            ring.values.prefix(min(ring.count, Self.capacity)).contains(generation)
        }
    }
}
