// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import Testing

@Suite(
    "The operator's API", .tags(.integration), .server { $0.adminAddress = AdminAddress(host: "127.0.0.1", port: 0) })
struct OperatorTests {
    private func admin() throws -> HTTPClient { HTTPClient(port: try #require(try server().server.adminPort)) }

    @Test func `status tells who holds which places`() async throws {
        let caller = try await server().call("profile=mock")
        let status = try await admin().get("/status").json
        #expect(status["state"] == "ready" && status["generation"] == 1)
        #expect(try #require(status["sessions"]?["active"]?.int) >= 1)
        #expect(try #require(status["tenants"]?["default"]?["active"]?.int) >= 1)
        #expect(try #require(status["providers"]?["mock"]?["active"]?.int) >= 1)
        #expect(try #require(status["load"]?["memory_bytes"]?.int) >= 0)
        try await caller.hangUp()
    }

    @Test func `sessions are listed and ended`() async throws {
        let caller = try await server().call("profile=mock")
        let id = await caller.session
        let all = try await admin().get("/sessions").json["sessions"]?.array ?? []
        #expect(all.contains { $0["session"] == .string(id) })
        #expect(try await admin().send("DELETE", "/sessions/\(id)").status == 202)
        #expect(try await caller.event("session.closed")["reason"] == "admin")
        #expect(try await admin().send("DELETE", "/sessions/ses_nix").problem == "session.not_found")
    }

    @Test func `without a file there is nothing to reload`() async throws {
        let reply = try await admin().send("POST", "/reload")
        #expect(reply.status == 422 && reply.problem == "config.refused")
    }

    @Test func `a slip in dry_run reloads nothing`() async throws {
        let reply = try await admin().send("POST", "/reload?dry_run=1")
        #expect(reply.status == 400 && reply.problem == "request.query_invalid")
    }

    @Test func `no page of another site drains a host`() async throws {
        let reply = try await admin().send("POST", "/drain", fields: ["Origin: https://evil.example"])
        #expect(reply.status == 403 && reply.problem == "auth.origin")
        #expect(try await admin().get("/drain").json["draining"] == false)
    }

    @Test func `the public port has none of it`() async throws {
        for path in ["/status", "/drain", "/plugins", "/sessions", "/reload"] {
            #expect(try await server().http.get(path).status == 404)
        }
    }
}

@Suite("Draining by the operator", .tags(.integration))
struct OperatorDrainTests {
    @Test(.server { $0.adminAddress = AdminAddress(host: "127.0.0.1", port: 0) })
    func `a drain can be taken back`() async throws {
        let server = try server()
        let admin = HTTPClient(port: try #require(server.server.adminPort))
        let caller = try await server.call("profile=echo")
        let drained = try await admin.send("POST", "/drain")
        #expect(drained.status == 202)
        #expect(drained.json["draining"] == true && drained.json["remaining"] == 1)
        #expect(try await server.http.get("/readyz").json["status"] == "draining")
        let refusal = await #expect(throws: HTTPReply.self) { _ = try await server.call() }
        #expect(refusal?.problem == "session.draining")

        #expect(try await admin.send("DELETE", "/drain").json["draining"] == false)
        #expect(try await server.http.get("/readyz").status == 200)
        try await server.call().hangUp()
        try await caller.hangUp()
    }

    @Test(.server)
    func `callers hear the goodbye before they are cut`() async throws {
        let server = try server()
        let caller = try await server.call("profile=mock&reply_ms=200")
        async let forced = server.manager.drain(deadline: .seconds(5), goodbye: "We are closing. Goodbye.")
        let speech = try await caller.event("speech.started")
        #expect(try await caller.event("speech.finished")["speech"] == speech["speech"])
        #expect(try await caller.event("session.closed")["reason"] == "drained")
        #expect(await forced == 1)
    }
}

@Suite("A host that is busy", .tags(.integration))
struct BusyHostTests {
    @Test(.server { $0.policy.load = LoadGate.Limits(memory: 1, patience: .milliseconds(1)) })
    func `calls are refused with the time to come back, and health says so`() async throws {
        let server = try server()
        while server.manager.loadGate.closedBy == nil { try await Task.sleep(for: .milliseconds(20)) }
        let refusal = await #expect(throws: HTTPReply.self) { _ = try await server.call() }
        #expect(refusal?.status == 503 && refusal?.problem == "session.overloaded" && refusal?["retry-after"] == "5")
        #expect(try await server.http.get("/readyz").json["status"] == "overloaded")
        #expect(try await server.http.get("/healthz").json["status"] == "degraded")
        #expect(try await server.http.get("/livez").status == 200)
    }
}
