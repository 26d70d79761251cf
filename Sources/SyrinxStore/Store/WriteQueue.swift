// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Writes on their way to the disk: bounded, and never in the way of who puts them in.
final class WriteQueue: Sendable {
    private struct State {
        var writes: [RecordWrite] = []
        var bytes = 0
        var isDropping = false
        /// When somebody comes to fetch them, if anybody does.
        var pace: Pace?
        var isClosed = false
        var counters = StoreCounters()
    }

    /// How soon a write is to be fetched.
    enum Pace {
        /// With others that come meanwhile: a transaction costs more than what is in it.
        case gathered
        case atOnce
    }

    /// What became of a write.
    enum Verdict: Equatable {
        /// It waits; `schedule` is when to fetch it, nil where somebody comes as soon anyway.
        case taken(schedule: Pace?)
        /// `first` of a row of drops.
        case dropped(first: Bool, total: Int)
    }

    private let maximum: Int
    private let maximumBytes: Int
    private let state = Mutex(State())

    init(maximum: Int, maximumBytes: Int) {
        self.maximum = max(1, maximum)
        self.maximumBytes = max(1, maximumBytes)
    }

    func put(_ write: RecordWrite) -> Verdict {
        state.withLock { state in
            guard !state.isClosed else {
                state.counters.refused += 1
                return .dropped(first: false, total: state.counters.dropped)
            }
            let factor = write.isVital ? 2 : 1
            let bytes = write.bytes
            guard state.writes.count < maximum * factor, state.bytes + bytes <= maximumBytes * factor else {
                state.counters.dropped += 1
                defer { state.isDropping = true }
                return .dropped(first: !state.isDropping, total: state.counters.dropped)
            }
            state.writes.append(write)
            state.bytes += bytes
            let pace = write.isVital ? Pace.atOnce : .gathered
            guard state.pace == nil || (state.pace == .gathered && pace == .atOnce) else {
                return .taken(schedule: nil)
            }
            state.pace = pace
            return .taken(schedule: pace)
        }
    }

    /// The oldest, which stay until ``remove(_:)``. When there are none, the next one put in is to schedule again.
    func oldest(_ count: Int) -> [RecordWrite] {
        state.withLock { state in
            if state.writes.isEmpty { state.pace = nil }
            return Array(state.writes.prefix(count))
        }
    }

    func remove(_ count: Int) {
        state.withLock { state in
            let done = state.writes.prefix(count)
            state.bytes -= done.reduce(0) { $0 + $1.bytes }
            state.writes.removeFirst(done.count)
            if state.writes.count <= maximum / 2, state.bytes <= maximumBytes / 2 { state.isDropping = false }
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Takes nothing from now on, and forgets what could not be written.
    func close() {
        state.withLock { state in
            state.counters.dropped += state.writes.count
            state.writes = []
            state.bytes = 0
            state.isClosed = true
        }
    }

    var counters: StoreCounters {
        state.withLock { state in
            var counters = state.counters
            counters.waiting = state.writes.count
            return counters
        }
    }

    func count(_ change: @Sendable (inout StoreCounters) -> Void) {
        state.withLock { change(&$0.counters) }
    }
}
