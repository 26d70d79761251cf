// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxABI
import Testing

@testable import SyrinxHost

@Suite("What a helper with a full queue is owed")
struct OwedCallsTests {
    /// Its timers, and what came out.
    private final class Bench: Sendable {
        let timers = Mutex<[@Sendable () -> Void]>([])
        let given = Mutex<[Int]>([])
        let isFull = Mutex(true)

        var owed: OwedCalls {
            OwedCalls { [self] work in timers.withLock { $0.append(work) } }
        }

        func call(_ number: Int) -> OwedCalls.Call {
            { [self] in
                guard !isFull.withLock({ $0 }) else { return Int32(SYX_EAGAIN) }
                given.withLock { $0.append(number) }
                return Int32(SYX_OK)
            }
        }

        func fire() {
            let due = timers.withLock { timers in
                defer { timers = [] }
                return timers
            }
            for timer in due { timer() }
        }
    }

    @Test func `it gets all of it in order, by one timer`() {
        let bench = Bench()
        let owed = bench.owed
        for number in 1...3 { #expect(owed.add(bench.call(number))) }
        for _ in 0..<5 {
            #expect(bench.timers.withLock { $0.count } == 1)
            bench.fire()
        }
        bench.isFull.withLock { $0 = false }
        bench.fire()
        #expect(bench.given.withLock { $0 } == [1, 2, 3])
        #expect(bench.timers.withLock { $0.isEmpty })
    }

    @Test func `one that never reads is not owed more and more`() {
        let bench = Bench()
        let owed = bench.owed
        let taken = (0..<5000).count { owed.add(bench.call($0)) }
        #expect(taken == OwedCalls.limit && bench.timers.withLock { $0.count } == 1)
    }
}
