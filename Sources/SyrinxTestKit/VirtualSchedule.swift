// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore

/// Inputs that are still to come, in order of their instants; first in, first out among equals.
package struct VirtualSchedule: Sendable {
    private struct Entry {
        var at: Instant
        var order: UInt64
        var input: Input

        func comes(before other: Entry) -> Bool { (at, order) < (other.at, other.order) }
    }

    /// A binary heap.
    private var entries: [Entry] = []
    private var order: UInt64 = 0

    package init() {}

    package var next: Instant { entries.first?.at ?? .distantFuture }

    package mutating func add(_ input: Input, at instant: Instant) {
        order += 1
        entries.append(Entry(at: instant, order: order, input: input))
        var child = entries.count - 1
        while child > 0, entries[child].comes(before: entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    package mutating func pop() -> Input? {
        guard let first = entries.first else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return first.input
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child].comes(before: entries[least]) { least = child }
            }
            guard least != parent else { return }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
