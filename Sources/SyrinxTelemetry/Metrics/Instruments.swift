// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore

/// One series of a family. Thread-safe.
package protocol Instrument: AnyObject, Sendable {
    var reading: MetricReading { get }
}

/// What an instrument holds at one moment, in stored whole numbers.
package enum MetricReading: Sendable, Equatable {
    case whole(Int64)
    case value(Double)
    /// Observations by bucket, not added up; one more than there are bounds.
    case histogram(bounds: [Double], counts: [UInt64], sum: Int64)
}

/// Counts up, without a lock. It wraps around after 2^63, which a scraper takes for a restart.
package final class Counter: Instrument {
    private let total = Atomic<Int64>(0)

    package init() {}

    /// Adds one, or more; what is negative is left out, for a counter never falls.
    package func add(_ amount: Int = 1) {
        guard amount > 0 else { return }
        total.wrappingAdd(Int64(amount), ordering: .relaxed)
    }

    /// Of a counter of seconds.
    package func add(_ time: Duration) {
        guard time > .zero else { return }
        total.wrappingAdd(time.nanoseconds, ordering: .relaxed)
    }

    package var value: Int64 { total.load(ordering: .relaxed) }
    package var reading: MetricReading { .whole(value) }
}

/// Goes up and down, without a lock.
package final class Gauge: Instrument {
    private let current = Atomic<Int64>(0)

    package init() {}

    package func add(_ amount: Int) { current.wrappingAdd(Int64(amount), ordering: .relaxed) }
    package func set(_ value: Int) { current.store(Int64(value), ordering: .relaxed) }

    /// Of a gauge of seconds.
    package func set(_ time: Duration) { current.store(time.nanoseconds, ordering: .relaxed) }

    package var value: Int64 { current.load(ordering: .relaxed) }
    package var reading: MetricReading { .whole(value) }
}

/// Times by buckets whose upper bounds never change. Takes a lock for some nanoseconds: for what happens a few times a
/// turn, not for each frame.
package final class Histogram: Instrument {
    private struct State {
        var counts: [UInt64]
        var sum: Int64 = 0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// - Parameter bounds: seconds, rising.
    package init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    /// A time below zero, which a clock that was set back would make, counts as zero.
    package func observe(_ time: Duration) {
        let nanoseconds = max(0, time.nanoseconds)
        let seconds = Double(nanoseconds) / 1_000_000_000
        let bucket = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] &+= 1
            state.sum &+= nanoseconds
        }
    }

    package var reading: MetricReading {
        state.withLock { .histogram(bounds: bounds, counts: $0.counts, sum: $0.sum) }
    }
}
