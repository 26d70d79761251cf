// SPDX-License-Identifier: Apache-2.0

/// How long calls into a plugin take. Owned by one session's executor, so plain numbers suffice.
package struct CallMeter: Sendable {
    package private(set) var calls: UInt64 = 0
    package private(set) var sampled: UInt64 = 0
    package private(set) var nanoseconds: UInt64 = 0
    package private(set) var longest: UInt64 = 0

    package init() {}

    mutating func count() { calls &+= 1 }

    mutating func record(_ duration: Int64) {
        let duration = UInt64(clamping: duration)
        sampled &+= 1
        nanoseconds &+= duration
        longest = max(longest, duration)
    }

    mutating func merge(_ other: CallMeter) {
        calls &+= other.calls
        sampled &+= other.sampled
        nanoseconds &+= other.nanoseconds
        longest = max(longest, other.longest)
    }

    /// Mean of the timed calls in nanoseconds.
    package var mean: Double { sampled == 0 ? 0 : Double(nanoseconds) / Double(sampled) }
}

/// The meters of one provider, by function.
package struct CallMeters: Sendable {
    package var handle = CallMeter()
    package var process = CallMeter()
    package var work = CallMeter()

    package init() {}

    mutating func merge(_ other: CallMeters) {
        handle.merge(other.handle)
        process.merge(other.process)
        work.merge(other.work)
    }
}
