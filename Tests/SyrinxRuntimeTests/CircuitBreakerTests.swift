// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxRuntime
import Testing

/// When a provider is left alone, and how it comes back.
@Suite("Circuit breaker") struct CircuitBreakerTests {
    private let zero = Instant.zero

    @Test func `five failures within half a minute open it, four do not`() {
        var breaker = CircuitBreaker()
        let opened = (0..<4).map { breaker.failed(at: zero + .seconds($0)) }
        let isAdmitted = breaker.admits(at: zero + .seconds(4))
        let opensNow = breaker.failed(at: zero + .seconds(5))
        let isStillAdmitted = breaker.admits(at: zero + .seconds(6))
        #expect(opened == [false, false, false, false] && isAdmitted)
        #expect(opensNow && !isStillAdmitted)
        #expect(breaker.state(at: zero + .seconds(6)) == .open)
    }

    @Test func `failures that are long ago do not count`() {
        var breaker = CircuitBreaker()
        for index in 0..<20 { _ = breaker.failed(at: zero + .seconds(index * 10)) }
        #expect(breaker.state(at: zero + .seconds(200)) == .closed)
    }

    @Test func `after its pause one probe is let through, and no second`() {
        var breaker = opened()
        let later = zero + .seconds(40)
        #expect(breaker.state(at: later) == .halfOpen)
        let admitted = [breaker.admits(at: later), breaker.admits(at: later + .seconds(1))]
        #expect(admitted == [true, false])
        breaker.succeeded()
        #expect(breaker.state(at: later + .seconds(2)) == .closed)
    }

    @Test func `a probe that fails opens it again`() {
        var breaker = opened()
        let isProbe = breaker.admits(at: zero + .seconds(40))
        _ = breaker.failed(at: zero + .seconds(41))
        #expect(isProbe)
        #expect(breaker.state(at: zero + .seconds(42)) == .open)
        #expect(breaker.state(at: zero + .seconds(72)) == .halfOpen)
    }

    @Test func `a probe that nobody hears of is forgotten`() {
        var breaker = opened()
        let admitted = [40, 50, 101].map { breaker.admits(at: zero + .seconds($0)) }
        #expect(admitted == [true, false, true])
    }

    @Test func `what asks to be left alone is left alone so long`() {
        var breaker = CircuitBreaker()
        let opensNow = breaker.failed(at: zero, retryAfter: .seconds(7))
        let admitted = [6, 8].map { breaker.admits(at: zero + .seconds($0)) }
        #expect(opensNow && admitted == [false, true])
    }

    @Test func `one tenant's trouble is not another's`() {
        let board = BreakerBoard()
        let mine = BreakerBoard.Key(tenant: "a", kind: "stt", provider: "x@1.0.0")
        let yours = BreakerBoard.Key(tenant: "b", kind: "stt", provider: "x@1.0.0")
        for _ in 0..<5 { _ = board.failed(mine, at: zero) }
        #expect(!board.admits(mine, at: zero) && board.admits(yours, at: zero))
        #expect(board.notClosed(at: zero).map(\.key) == [mine])
        board.succeeded(mine)
        #expect(board.notClosed(at: zero).isEmpty)
    }

    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<5 { _ = breaker.failed(at: zero) }
        return breaker
    }
}
