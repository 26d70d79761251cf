// SPDX-License-Identifier: Apache-2.0

import SyrinxAccess
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import Testing

/// Calls that find their tenant and their profile by the number that was called.
@Suite("Called numbers", .serialized, .tags(.integration), .numbers)
struct NumberRoutingTests {
    private func call(_ number: String, at door: String = "line") async throws -> Caller {
        try await Caller(port: server().port, "to=\(number)", path: "/doors/\(door)", greeting: "session.ready")
    }

    @Test(arguments: ["%2B4930111", "4930111", "%2B49%2030-111", "sip:%2B4930111@carrier.example"])
    func `a number of the door leads to its destination, however a carrier writes it`(number: String) async throws {
        let caller = try await call(number)
        let live = try #require(try server().manager.sessions.first)
        #expect(live.tenant == "beta" && live.profile == "mock")
        #expect(try server().manager.usedByTenant == ["beta": 1])
        try await caller.hangUp()
        try await server().settle()
    }

    @Test func `a tenant's own number leads to its first profile`() async throws {
        let caller = try await call("%2B4930222")
        let live = try #require(try server().manager.sessions.first)
        #expect(live.tenant == "acme" && live.profile == "echo")
        try await caller.hangUp()
        try await server().settle()
    }

    @Test(arguments: ["%2B4930999", ""])
    func `a number that is nobody's gets no session, and leaves its place`(number: String) async throws {
        await #expect(throws: Caller.Missing.self) { _ = try await call(number) }
        try await server().settle()
        #expect(try server().manager.usedByTenant.isEmpty)
    }

    /// The plugin hears of it with the webhook, before the far end takes the call.
    @Test func `a webhook tells its plugin when the number leads nowhere`() async throws {
        let form = ["Content-Type: application/x-www-form-urlencoded"]
        func ask(_ body: String, _ path: String = "/doors/line") async throws -> Int {
            try await server().http.send("POST", path, fields: form, body: body).status
        }
        #expect(try await ask("from=1&to=%2B4930999") == 404)
        #expect(try await ask("from=1&to=%2B4930111") == 201)
        #expect(try await ask("from=1", "/doors/line?to=4930999") == 404)
        #expect(try await ask("from=1") == 201, "it may be told later")
        #expect(try await ask("to=") == 404)
        #expect(try await ask("to=%2B4930999", "/doors/desk") == 201, "the door has a tenant")
        try await server().settle()
    }

    @Test func `other numbers have the tenant and the profile of the door`() async throws {
        let caller = try await call("%2B4930999", at: "desk")
        let live = try #require(try server().manager.sessions.first)
        #expect(live.tenant == "acme" && live.profile == "mock")
        try await caller.hangUp()
        try await server().settle()
    }

    /// Whoever answers for a door with a tenant could say any number.
    @Test func `a door with a tenant does not lead to another who has the number`() async throws {
        let caller = try await call("%2B4930333", at: "desk")
        #expect(try server().manager.sessions.first?.tenant == "acme")
        try await caller.hangUp()
        try await server().settle()
    }

    @Test func `the limit of the tenant that is found holds`() async throws {
        let first = try await call("%2B4930111")
        await #expect(throws: Caller.Missing.self) { _ = try await call("%2B4930111") }
        let other = try await call("%2B4930222")
        #expect(try server().manager.usedByTenant == ["acme": 1, "beta": 1])
        for caller in [first, other] { try await caller.hangUp() }
        try await server().settle()
    }
}

extension Trait where Self == ServerTrait {
    /// Two tenants; `line` has no tenant, `desk` is `acme`'s.
    fileprivate static var numbers: ServerTrait {
        .server { options in
            try TwoTenants.configure(&options)
            options.policy.access = try AccessControl(
                AccessPolicy(
                    tenants: [
                        AccessPolicy.Tenant(id: "acme", numbers: ["+4930222"]),
                        AccessPolicy.Tenant(id: "beta", numbers: ["+4930333"]),
                    ], operators: []))
            options.policy.tenants["acme"] = TenantPolicy(defaultProfile: "echo")
            options.policy.limits.tenants["beta"] = SessionLimits.Tenant(sessions: 1)
            var door = Door()
            door.transport = StagePlan(.transport, ProviderReference(id: "mock"))
            door.rate = 8_000
            door.numbers = ["+4930111": Door.Destination(tenant: "beta", profile: "mock")]
            door.tenant = nil
            options.policy.doors["line"] = door
            door.tenant = "acme"
            door.profile = "mock"
            options.policy.doors["desk"] = door
        }
    }
}
