// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import Testing

@Suite("Which sessions try a new build") struct CanaryPlanTests {
    private func count(_ plan: CanaryPlan, generation: Int, of sessions: Int = 10_000) -> Int {
        (0..<sessions).count { plan.includes(tenant: "t", session: "ses_\($0)", generation: generation) }
    }

    @Test(arguments: [0, 1, 5, 50, 100])
    func `so many of a hundred try it`(percent: Int) {
        let tried = count(CanaryPlan(percent: percent), generation: 3)
        #expect(abs(tried - percent * 100) <= (percent % 100 == 0 ? 0 : 150))
    }

    @Test func `a session keeps its draw, another build draws others`() {
        let plan = CanaryPlan(percent: 50)
        let sessions = (0..<200).map { "ses_\($0)" }
        let first = sessions.map { plan.includes(tenant: "t", session: $0, generation: 2) }
        #expect(sessions.map { plan.includes(tenant: "t", session: $0, generation: 2) } == first)
        #expect(sessions.map { plan.includes(tenant: "t", session: $0, generation: 3) } != first)
    }

    @Test func `named tenants always try it`() {
        let plan = CanaryPlan(tenants: ["acme"])
        #expect((0..<100).allSatisfy { plan.includes(tenant: "acme", session: "\($0)", generation: 1) })
        #expect((0..<100).allSatisfy { !plan.includes(tenant: "other", session: "\($0)", generation: 1) })
    }

    @Test func `a plan for nobody is empty, and a share stays one`() {
        #expect(CanaryPlan().isEmpty)
        #expect(!CanaryPlan(percent: 1).isEmpty)
        #expect(CanaryPlan(percent: 1000).percent == 100)
        #expect(CanaryPlan(percent: -1).percent == 0)
    }

    @Test func `it takes both time and sessions`() {
        let plan = CanaryPlan(percent: 1, promoteAfter: .seconds(60), promoteSessions: 3)
        #expect(!plan.isProven(for: .seconds(59), sessions: 100))
        #expect(!plan.isProven(for: .seconds(600), sessions: 2))
        #expect(plan.isProven(for: .seconds(60), sessions: 3))
    }
}
