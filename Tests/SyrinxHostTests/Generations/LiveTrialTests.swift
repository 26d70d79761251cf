// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

@Suite("Builds on trial, and taken back by themselves") struct LiveTrialTests {
    private func bench() throws -> LiveBench {
        let bench = try LiveBench {
            $0.canary = CanaryPlan(percent: 10, promoteAfter: .seconds(60), promoteSessions: 3)
        }
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        try bench.plugin.put("1.1.0", word: "two")
        bench.live.reconcile()
        return bench
    }

    private func end(_ count: Int, failed: Bool, on generation: Int, _ bench: LiveBench) {
        for _ in 0..<count { bench.host.sessionEnded([generation], failed: failed ? [generation] : []) }
    }

    @Test func `a canary is beside what serves, and serves all when time and sessions have passed`() throws {
        let bench = try bench()
        #expect(try bench.state(of: 2) == "canary")
        #expect(try bench.word() == "one")
        let choice = try bench.host.registry.choice(.agent, ProviderReference("versioned"))
        #expect(choice.canary?.descriptor.generation == 2)
        end(3, failed: false, on: 2, bench)
        bench.live.tick()
        #expect(try bench.state(of: 2) == "canary", "it is too early")
        bench.environment.advance(by: .seconds(61))
        bench.live.tick()
        #expect(try bench.word() == "two")
        #expect(bench.events.steps.suffix(3) == ["promoted 2", "draining 1", "retired 1"])
    }

    @Test func `a canary that too many sessions fail on is taken back`() throws {
        let bench = try bench()
        end(10, failed: true, on: 2, bench)
        while bench.environment.runOneWork() {}
        #expect(try bench.state(of: 2) == "rolled_back")
        #expect(bench.events.detail(.rolledBack) == "10 of 10 sessions failed")
        bench.environment.advance(by: .seconds(3600))
        bench.live.tick()
        #expect(try bench.word() == "one")
    }

    @Test func `a plugin that nobody served before needs no trial`() throws {
        let bench = try LiveBench { $0.canary = CanaryPlan(percent: 10) }
        try bench.start()
        try bench.plugin.put("1.0.0", word: "one")
        bench.live.reconcile()
        #expect(try bench.word() == "one")
    }

    @Test func `the next build ends a trial`() throws {
        let bench = try bench()
        try bench.plugin.put("1.2.0", word: "three")
        bench.live.reconcile()
        #expect(try bench.state(of: 2) == "rolled_back")
        #expect(try bench.state(of: 3) == "canary")
    }

    @Test func `a new build that crashes is taken back`() throws {
        let bench = try LiveBench()
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        try bench.plugin.put("1.1.0", word: "two")
        bench.live.reconcile()
        bench.host.noteFailure(generation: 2, reason: "SIGSEGV in handle")
        bench.live.tick()
        #expect(try bench.word() == "one")
        #expect(bench.events.detail(.rolledBack) == "it crashed: SIGSEGV in handle")
        #expect(
            try bench.live.why("versioned")["generations"]?.array?.last?["reason"] == "it crashed: SIGSEGV in handle")
    }

    @Test func `with nothing to go back to it goes on, and that is said once`() throws {
        let bench = try LiveBench()
        try bench.plugin.put("1.0.0", word: "one")
        try bench.start()
        for _ in 0..<3 {
            end(10, failed: true, on: 1, bench)
            bench.live.tick()
        }
        #expect(try bench.word() == "one")
        #expect(bench.events.steps == ["failing 1"])
    }
}
