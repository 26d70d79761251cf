// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxTelemetry

@Suite(.tags(.unit)) struct SupportTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_999_999_999, "2000-02-29T00:00:00.999Z"), (1_735_689_599_001_000_000, "2024-12-31T23:59:59.001Z"),
        (.min, "1677-09-21T00:12:43.145Z"), (.max, "2262-04-11T23:47:16.854Z"),
    ])
    func `times are written with milliseconds in UTC`(unix: Int64, text: String) {
        #expect(RFC3339.text(unixNanoseconds: unix) == text)
    }

    @Test func `waits double up to a bound, spread over their upper half`() {
        let backoff = Backoff(first: .seconds(1), longest: .seconds(10), tries: 9)
        var generator = SplitMix64(seed: 3)
        for (failures, whole) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (60, 10), (Int.max, 10), (0, 1), (-5, 1)] {
            let delay = backoff.delay(after: failures, using: &generator)
            #expect(delay >= .seconds(whole) / 2 && delay <= .seconds(whole))
        }
    }

    @Test func `a time that was asked for is kept, within an hour`() {
        let backoff = Backoff(first: .seconds(1), longest: .seconds(10), tries: 9)
        var generator = SplitMix64(seed: 3)
        #expect(backoff.delay(after: 1, asked: .seconds(99), using: &generator) == .seconds(99))
        #expect(backoff.delay(after: 1, asked: .seconds(99_999), using: &generator) == .seconds(3600))
        #expect(backoff.delay(after: 1, asked: .seconds(-1), using: &generator) <= .seconds(1))
    }

    @Test func `a call that comes before the wait is not lost`() async {
        let waker = Waker()
        waker.wake()
        await waker.wait()
        let waiting = Task { await waker.wait() }
        waker.wake()
        await waiting.value
    }

    @Test func `a wait ends with its time, and with its task`() async {
        let waker = Waker()
        await waker.wait(atMost: .seconds(5), on: VirtualClock().clock)
        let waiting = Task { await waker.wait() }
        waiting.cancel()
        await waiting.value
    }
}
