// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxAccess

private let start = Instant(nanoseconds: 5_000_000_000)

struct RateLimiterTests {
    @Test func `a burst is taken at once, then one for each interval`() throws {
        let limiter = RateLimiter<String>()
        let limit = try #require(RateLimit(perSecond: 5, burst: 10))
        for _ in 0..<10 { #expect(limiter.take("acme", limit: limit, now: start) == nil) }
        #expect(limiter.take("acme", limit: limit, now: start) == .milliseconds(200))
        #expect(limiter.take("acme", limit: limit, now: start + .milliseconds(150)) == .milliseconds(50))
        #expect(
            limiter.take("acme", limit: limit, now: start + .milliseconds(200) - .nanoseconds(1)) == .nanoseconds(1))
        #expect(limiter.take("acme", limit: limit, now: start + .milliseconds(200)) == nil)
        #expect(limiter.take("acme", limit: limit, now: start + .milliseconds(200)) == .milliseconds(200))
    }

    @Test func `who waits as long as told is let in, by any limit`() throws {
        var random = Seeded(state: 7)
        let limiter = RateLimiter<Int>()
        for key in 0..<200 {
            let limit = try #require(
                RateLimit(
                    perSecond: .random(in: 0.01...5000, using: &random), burst: .random(in: 1...50, using: &random)))
            var now = start
            for _ in 0..<100 {
                guard let wait = limiter.take(key, limit: limit, now: now) else { continue }
                #expect(limiter.take(key, limit: limit, now: now + wait - .nanoseconds(1)) != nil)
                now = now + wait
                #expect(limiter.take(key, limit: limit, now: now) == nil)
            }
        }
    }

    @Test func `never more than the burst and what the time gives`() throws {
        var random = Seeded(state: 8)
        let limiter = RateLimiter<Int>()
        let limit = try #require(RateLimit(perSecond: 100, burst: 20))
        var now = start
        var admitted = 0
        for _ in 0..<20_000 {
            now = now + .microseconds(Int.random(in: 0...2000, using: &random))
            if limiter.take(0, limit: limit, now: now) == nil { admitted += 1 }
        }
        let bound = 20 + Int((now - start).milliseconds / 10)
        #expect(admitted <= bound)
        #expect(admitted >= bound - 20)
    }

    @Test func `who is refused takes nothing`() throws {
        let limiter = RateLimiter<String>()
        let limit = try #require(RateLimit(perSecond: 1, burst: 1))
        #expect(limiter.take("a", limit: limit, now: start) == nil)
        for _ in 0..<100 { #expect(limiter.take("a", limit: limit, now: start) == .seconds(1)) }
        #expect(limiter.take("a", limit: limit, now: start + .seconds(1)) == nil)
    }

    @Test func `one key does not take from another, and no limit is none`() throws {
        let limiter = RateLimiter<String>()
        let limit = try #require(RateLimit(perSecond: 1, burst: 1))
        #expect(limiter.take("a", limit: limit, now: start) == nil)
        #expect(limiter.take("b", limit: limit, now: start) == nil)
        for _ in 0..<100 { #expect(limiter.take("c", limit: nil, now: start) == nil) }
        #expect(limiter.count == 2)
    }

    @Test func `a limit may change while it is used`() throws {
        let limiter = RateLimiter<String>()
        let narrow = try #require(RateLimit(perSecond: 1, burst: 1))
        let wide = try #require(RateLimit(perSecond: 10, burst: 20))
        #expect(limiter.take("a", limit: narrow, now: start) == nil)
        #expect(limiter.take("a", limit: narrow, now: start) != nil)
        #expect(limiter.take("a", limit: wide, now: start) == nil)
        #expect(limiter.take("a", limit: narrow, now: start) == .milliseconds(1100))
    }

    @Test func `the table never outgrows its bound, and forgets what was used least recently`() throws {
        let limiter = RateLimiter<Int>(capacity: 100)
        let limit = try #require(RateLimit(perSecond: 1, burst: 1))
        for key in 0..<10_000 {
            _ = limiter.take(key, limit: limit, now: start)
            #expect(limiter.count <= 100)
            // Used all the time: it is never forgotten.
            if key > 0 { #expect(limiter.take(0, limit: limit, now: start) == .seconds(1)) }
        }
        #expect(limiter.take(1, limit: limit, now: start) == nil)
    }

    @Test(arguments: [0, -1, .nan, .infinity, -.infinity] as [Double])
    func `a rate that is none is no limit`(rate: Double) { #expect(RateLimit(perSecond: rate, burst: 5) == nil) }

    @Test func `rates and bursts of any size do not trap`() throws {
        for rate in [Double.leastNonzeroMagnitude, 1e-9, 1e9, .greatestFiniteMagnitude] {
            for burst in [Int.min, -1, 0, 1, .max] {
                let limiter = RateLimiter<Int>()
                let limit = try #require(RateLimit(perSecond: rate, burst: burst))
                for instant in [Instant(nanoseconds: .min), .zero, Instant(nanoseconds: .max), .zero] {
                    for _ in 0..<3 { _ = limiter.take(0, limit: limit, now: instant) }
                }
            }
        }
    }

    @Test func `the error says when to come back`() throws {
        let limiter = RateLimiter<PeerAddress>()
        let limit = try #require(RateLimit(perSecond: 2, burst: 1))
        let address = try #require(PeerAddress("192.0.2.1"))
        try limiter.admit(address, limit: limit, now: start)
        let error = #expect(throws: SyrinxError.self) { try limiter.admit(address, limit: limit, now: start) }
        #expect(error?.code == "request.rate_exceeded")
        #expect(error?.retryAfter == .milliseconds(500))
    }
}

struct PeerAddressTests {
    @Test func `an IPv6 address counts as its network of 64 bits, an IPv4 address as itself`() throws {
        func same(_ left: String, _ right: String) -> Bool { PeerAddress(left) == PeerAddress(right) }
        #expect(same("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"))
        #expect(!same("2001:db8:1:2::1", "2001:db8:1:3::1"))
        #expect(same("2001:DB8:0:0:0:0:0:1", "2001:db8::1"))
        #expect(same("::ffff:192.0.2.1", "192.0.2.1"))
        #expect(!same("::ffff:192.0.2.1", "192.0.2.2"))
        #expect(same("fe80::1%eth0", "fe80::1"))
        #expect(!same("192.0.2.1", "192.0.2.2"))
        #expect("\(try #require(PeerAddress("2001:db8:1:2::1")))" == "2001:db8:1:2::/64")
        #expect("\(try #require(PeerAddress("::ffff:192.0.2.1")))" == "192.0.2.1")
    }

    @Test(arguments: [
        "", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4:80", "[::1]", ":::", "1.2.3.4\u{0}", "é",
    ])
    func `what is no address is none`(text: String) { #expect(PeerAddress(text) == nil) }

    @Test func `loopback is known`() throws {
        for text in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            #expect(try #require(PeerAddress(text)).isLoopback)
        }
        for text in ["128.0.0.1", "192.168.0.1", "fe80::1", "2001:db8::1"] {
            #expect(try #require(PeerAddress(text)).isLoopback == false)
        }
    }
}

struct BruteForceGuardTests {
    private let limits = BruteForceGuard.Limits(failures: 3)
    private let address = PeerAddress("192.0.2.1")
    private let other = PeerAddress("192.0.2.2")

    private func fail(_ times: Int, _ subject: BruteForceGuard, at now: Instant = start) -> [SyrinxError?] {
        (0..<times).map { _ in subject.failed(address, now: now) }
    }

    @Test func `at the limit it is borne, beyond it the address waits`() throws {
        let subject = BruteForceGuard(limits)
        #expect(fail(3, subject).allSatisfy { $0 == nil })
        try subject.check(address, now: start)
        let error = subject.failed(address, now: start)
        #expect(error?.code == "auth.too_many_failures")
        #expect(error?.retryAfter == .seconds(60))
        let refused = #expect(throws: SyrinxError.self) { try subject.check(address, now: start + .seconds(20)) }
        #expect(refused?.retryAfter == .seconds(40))
        try subject.check(other, now: start)
        try subject.check(address, now: start + .seconds(60))
    }

    @Test func `failures of long ago are forgotten`() throws {
        let subject = BruteForceGuard(limits)
        for minute in 0..<20 {
            #expect(fail(3, subject, at: start + .seconds(60 * minute)).allSatisfy { $0 == nil })
        }
    }

    @Test func `behind a shared address the honest go on, and only what fails waits`() throws {
        let subject = BruteForceGuard(limits)
        subject.succeeded(address, now: start)
        _ = fail(10, subject)
        try subject.check(address, now: start + .seconds(1))
        #expect(subject.failed(address, now: start + .seconds(1))?.retryAfter == .seconds(59))
    }

    @Test func `a good credential does not wash off failures`() {
        let subject = BruteForceGuard(limits)
        for _ in 0..<3 {
            _ = subject.failed(address, now: start)
            subject.succeeded(address, now: start)
        }
        #expect(subject.failed(address, now: start) != nil)
    }

    @Test func `a good credential speaks for its address for an hour`() {
        let subject = BruteForceGuard(limits)
        subject.succeeded(address, now: start)
        _ = fail(4, subject, at: start + .seconds(3600))
        #expect(throws: SyrinxError.self) { try subject.check(address, now: start + .seconds(3601)) }
    }

    @Test func `loopback and Unix sockets are never blocked`() throws {
        let subject = BruteForceGuard(limits)
        for address in [PeerAddress("127.0.0.1"), PeerAddress("::1"), nil] {
            for _ in 0..<100 { #expect(subject.failed(address, now: start) == nil) }
            try subject.check(address, now: start)
        }
    }

    @Test func `a flood of addresses does not outgrow the table`() throws {
        let subject = BruteForceGuard(limits, capacity: 64)
        for number in 0..<5000 {
            _ = subject.failed(PeerAddress("10.0.\(number / 256).\(number % 256)"), now: start)
            #expect(subject.count <= 64)
        }
    }
}
