// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxCLI

@Suite(.tags(.unit))
struct PlayoutModelTests {
    /// 1000 Hz: a sample is a millisecond.
    private var model = PlayoutModel(rate: 1000, began: .zero)

    @Test
    mutating func `where the agent is silent there is silence`() {
        model.arrive([1, 2, 3], at: ms(5))
        #expect(model.take(at: ms(10)) == [0, 0, 0, 0, 0, 1, 2, 3, 0, 0])
    }

    @Test
    mutating func `audio that comes early waits behind what plays`() {
        #expect(model.arrive([1, 1, 1, 1], at: ms(2)) == ms(2))
        #expect(model.arrive([2, 2], at: ms(3)) == ms(6))
        #expect(model.take(at: ms(9)) == [0, 0, 1, 1, 1, 1, 2, 2, 0])
    }

    @Test
    mutating func `audio clear drops what was not played, and only that`() {
        model.arrive([1, 1, 1, 1, 1, 1], at: ms(0))
        #expect(model.clear(at: ms(2)) == 4)
        model.arrive([7], at: ms(3))
        #expect(model.take(at: ms(6)) == [1, 1, 0, 7, 0, 0])
    }

    @Test
    mutating func `it is silent once everything was played`() {
        #expect(model.isSilent(at: ms(0)))
        model.arrive([1, 1, 1], at: ms(0))
        #expect(!model.isSilent(at: ms(2)))
        #expect(model.isSilent(at: ms(3)))
    }

    @Test
    mutating func `what was taken is not given again`() {
        model.arrive([1, 2, 3, 4], at: ms(0))
        #expect(model.take(at: ms(2)) == [1, 2])
        #expect(model.take(at: ms(2)) == [])
        #expect(model.take(at: ms(5)) == [3, 4, 0])
    }

    @Test
    mutating func `a clock that steps back harms nothing`() {
        model.arrive([1, 2], at: ms(10))
        #expect(model.take(at: ms(5)).count == 10)
        #expect(model.clear(at: ms(1)) == 2)
    }

    @Test
    mutating func `a server that floods does not fill the memory`() {
        for _ in 0..<100 { model.arrive([Int16](repeating: 1, count: 1000), at: ms(0)) }
        #expect(model.clear(at: ms(0)) == 60_000)
    }
}

func ms(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
