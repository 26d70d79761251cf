// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@Suite("Health and sessions over HTTP", .tags(.integration), .server)
struct AdminTests {
    @Test func `the server lives and is ready`() async throws {
        let http = try server().http
        #expect(try await http.get("/livez").json == ["status": "alive"])
        #expect(try await http.get("/readyz").json == ["status": "ready"])
    }

    @Test func `health names profiles, providers and capacity`() async throws {
        let health = try await server().http.get("/healthz")
        #expect(health.status == 200)
        #expect(health["content-type"] == "application/json")
        #expect(health.json["status"] == "healthy")
        #expect(health.json["draining"] == false)
        #expect(health.json["sessions"]?["limit"] == 1000)
        #expect(health.json["profiles"]?["mock"]?["status"] == "ready")
        let providers = health.json["providers"]?.array ?? []
        #expect(providers.contains { $0["kind"] == "vad" && $0["id"]?.string?.hasPrefix("energy@") == true })
        #expect(providers.allSatisfy { $0["faults"] == 0 && $0["error"] == nil })
    }

    @Test func `a session is listed, shown, and closed by an operator`() async throws {
        let server = try server()
        let caller = try await server.call("profile=mock&user=ada%20lovelace&rate=8000")
        let id = await caller.session
        let shown = try await server.http.get("/v1/sessions/\(id)")
        #expect(shown.status == 200)
        #expect(shown.json["session"] == .string(id))
        #expect(shown.json["profile"] == "mock")
        #expect(shown.json["user"] == "ada lovelace")
        #expect(shown.json["rate"] == 8000)
        #expect(shown.json["turns"] == 0)
        let all = try await server.http.get("/v1/sessions").json["sessions"]?.array ?? []
        #expect(all.contains { $0["session"] == .string(id) })

        #expect(try await server.http.send("DELETE", "/v1/sessions/\(id)").status == 202)
        #expect(try await caller.event("session.closed")["reason"] == "admin")
        #expect(try await caller.end() == 1000)
        try await server.settle(profile: "mock")
        #expect(try await server.http.get("/v1/sessions/\(id)").problem == "session.not_found")
    }

    @Test(arguments: ["GET", "DELETE"])
    func `a session that is not there is a 404 with a problem`(method: String) async throws {
        let reply = try await server().http.send(method, "/v1/sessions/ses_nix")
        #expect(reply.status == 404)
        #expect(reply.problem == "session.not_found")
    }

    @Test(arguments: [
        ("GET", "/"), ("GET", "/v1"), ("POST", "/v1/session"), ("GET", "/v1/talks"), ("GET", "/%2e%2e/etc/passwd"),
    ])
    func `what is not there is a 404 with a problem`(method: String, path: String) async throws {
        let reply = try await server().http.send(method, path)
        #expect(reply.status == 404)
        #expect(reply.problem == "request.not_found")
        #expect(reply["allow"] == nil)
    }

    @Test(arguments: [
        ("POST", "/livez", "GET, HEAD"), ("PUT", "/v1/sessions", "GET, HEAD"), ("DELETE", "/readyz", "GET, HEAD"),
        ("PUT", "/v1/sessions/ses_nix", "DELETE, GET, HEAD, PATCH"), ("POST", "/v1/talk", "GET, HEAD"),
    ])
    func `a method that a path does not take is a 405 that says which it takes`(
        method: String, path: String, allowed: String
    ) async throws {
        let reply = try await server().http.send(method, path)
        #expect(reply.status == 405)
        #expect(reply["allow"] == allowed)
        #expect(reply["content-type"] == "application/problem+json")
        #expect(reply.problem == "request.method_not_allowed")
    }
}
