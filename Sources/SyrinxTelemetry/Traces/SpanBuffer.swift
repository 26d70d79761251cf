// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Spans that wait to be sent. Thread-safe. When it is full the newest is dropped, and counted.
package final class SpanBuffer: Sendable {
    package struct Counts: Sendable, Equatable {
        package var exported = 0
        package var dropped = 0
        /// Attempts that failed.
        package var failures = 0
    }

    private struct State {
        var spans: [FinishedSpan] = []
        var counts = Counts()
    }

    private let capacity: Int
    private let state = Mutex(State())

    package init(capacity: Int = 8192) { self.capacity = capacity }

    package var counts: Counts { state.withLock(\.counts) }
    package var count: Int { state.withLock(\.spans.count) }

    func add(_ span: FinishedSpan) {
        state.withLock { state in
            guard state.spans.count < capacity else {
                state.counts.dropped += 1
                return
            }
            state.spans.append(span)
        }
    }

    /// The oldest, which are gone from here then.
    func take(atMost count: Int) -> [FinishedSpan] {
        state.withLock { state in
            let taken = Array(state.spans.prefix(count))
            state.spans.removeFirst(taken.count)
            return taken
        }
    }

    /// Back to the front, as far as there is room.
    func giveBack(_ spans: [FinishedSpan]) {
        state.withLock { state in
            let room = max(0, capacity - state.spans.count)
            state.spans.insert(contentsOf: spans.prefix(room), at: 0)
            state.counts.dropped += max(0, spans.count - room)
        }
    }

    func note(exported: Int = 0, dropped: Int = 0, failures: Int = 0) {
        state.withLock { state in
            state.counts.exported += exported
            state.counts.dropped += dropped
            state.counts.failures += failures
        }
    }
}
