// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxRuntime
import SyrinxServer
import Testing

@Suite("Admission", .tags(.integration))
struct SessionManagerTests {
    private func refusal(_ manager: SessionManager, _ request: CallRequest = CallRequest()) -> String? {
        do {
            _ = try manager.admit(request)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(.server { $0.policy.limits.maxSessions = 2 })
    func `a place that is not used comes back, once`() throws {
        let manager = try server().manager
        let first = try manager.admit(CallRequest())
        var second: Admission? = try manager.admit(CallRequest())
        #expect(second != nil && manager.activeCount == 2)
        #expect(refusal(manager) == "session.limit_exceeded")
        first.release()
        first.release()
        #expect(manager.activeCount == 1)
        second = nil
        #expect(manager.activeCount == 0, "dropped without having been used")
        #expect(manager.sessions.isEmpty, "none has begun")
    }

    @Test(.server { $0.policy.limits.maxSessions = 100 })
    func `of any number of concurrent requests exactly so many are admitted`() async throws {
        let manager = try server().manager
        let admitted = await withTaskGroup(of: Admission?.self) { group in
            for _ in 0..<10_000 { group.addTask { try? manager.admit(CallRequest()) } }
            return await group.reduce(into: [Admission]()) { if let admission = $1 { $0.append(admission) } }
        }
        #expect(admitted.count == 100)
        #expect(Set(admitted.map(\.id)).count == 100, "each has a name of its own")
        #expect(manager.activeCount == 100)
    }

    @Test(.server)
    func `new limits hold for new sessions, 0 for no limit`() throws {
        let manager = try server().manager
        let admission = try manager.admit(CallRequest())
        manager.update(limits: SessionLimits(maxSessions: 1))
        #expect(refusal(manager) == "session.limit_exceeded")
        manager.update(limits: SessionLimits(maxSessions: 0))
        #expect(refusal(manager) == nil)
        admission.release()
    }

    @Test(.server { $0.policy.limits.maxSessions = 1 })
    func `draining is told before capacity, and a wrong rate before both`() throws {
        let manager = try server().manager
        let admission = try manager.admit(CallRequest())
        manager.beginDraining()
        #expect(refusal(manager) == "session.draining")
        #expect(refusal(manager, CallRequest(rate: 11)) == "session.rate_unsupported")
        admission.release()
        manager.cancelDraining()
        #expect(refusal(manager) == nil)
    }

    @Test(.server { $0.policy.limits.tenants = ["acme": SessionLimits.Tenant(sessions: 10)] })
    func `of concurrent requests of one tenant exactly so many are admitted, and others lose nothing`() async throws {
        let manager = try server().manager
        let admitted = await withTaskGroup(of: Admission?.self) { group in
            for index in 0..<400 {
                let tenant = index.isMultiple(of: 2) ? "acme" : "other"
                group.addTask { try? manager.admit(CallRequest(tenant: tenant)) }
            }
            return await group.reduce(into: [Admission]()) { if let admission = $1 { $0.append(admission) } }
        }
        #expect(manager.usedByTenant == ["acme": 10, "other": 200])
        #expect(refusal(manager, CallRequest(tenant: "acme")) == "tenant.limit_exceeded")
        #expect(admitted.count == 210)
    }
}
