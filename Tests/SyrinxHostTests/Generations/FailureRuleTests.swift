// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import Testing

@Suite("When a build is taken back") struct FailureRuleTests {
    private var now = Instant.zero
    private var rule = FailureRule(from: .zero)

    private mutating func end(_ count: Int, failed: Bool, apart: Duration = .seconds(1)) -> FailureRule.Verdict? {
        var last: FailureRule.Verdict?
        for _ in 0..<count {
            now = now + apart
            last = rule.note(sessionFailed: failed, at: now)
        }
        return last
    }

    @Test mutating func `a few sessions say nothing`() {
        #expect(end(9, failed: true) == nil)
        #expect(end(1, failed: true) == .failingSessions(failed: 10, of: 10))
    }

    @Test mutating func `a third of the sessions is too many`() {
        #expect(end(20, failed: false) == nil)
        #expect(end(8, failed: true) == nil)
        #expect(end(1, failed: true) == .failingSessions(failed: 9, of: 29))
    }

    @Test mutating func `old sessions are forgotten`() {
        #expect(end(9, failed: true) == nil)
        now = now + .seconds(301)
        #expect(end(9, failed: true) == nil)
        #expect(end(1, failed: true) == .failingSessions(failed: 10, of: 10))
    }

    @Test mutating func `a session that went well takes nothing back`() {
        #expect(end(9, failed: true) == nil)
        #expect(end(1, failed: false) == nil)
    }

    @Test mutating func `the first crash of a new build is enough`() {
        #expect(rule.noteCrash(at: Instant.zero + .seconds(10)) == .crashed(times: 1))
    }

    @Test mutating func `an old build is taken back for crashing again and again only`() {
        now = .zero + .seconds(3601)
        #expect(end(100, failed: true) == nil)
        #expect(rule.noteCrash(at: now) == nil)
        #expect(rule.noteCrash(at: now + .seconds(61)) == nil)
        #expect(rule.noteCrash(at: now + .seconds(80)) == nil)
        #expect(rule.noteCrash(at: now + .seconds(100)) == .crashed(times: 3))
    }
}
