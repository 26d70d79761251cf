// SPDX-License-Identifier: Apache-2.0

import Logging
import SyrinxAccess
import SyrinxCore
import SyrinxServer
import Testing

@Suite("Tenants with keys", .tags(.integration), ServerTrait.twoTenants())
struct TenantTests {
    private func call(_ query: String = "", path: String = "/v1/talk", fields: [String]) async throws -> Caller {
        try await Caller(port: server().port, query, path: path, fields: fields)
    }

    private func refusal(_ query: String = "", path: String = "/v1/talk", fields: [String]) async -> HTTPReply? {
        await #expect(throws: HTTPReply.self) { _ = try await call(query, path: path, fields: fields) }
    }

    @Test func `a key opens a session of its tenant, on the tenant's first profile`() async throws {
        let caller = try await call("user=ada", fields: TwoTenants.bearer(TwoTenants.talk))
        let id = await caller.session
        let shown = try await server().http.send(
            "GET", "/v1/sessions/\(id)", fields: TwoTenants.bearer(TwoTenants.read))
        #expect(shown.json["tenant"] == "acme" && shown.json["profile"] == "mock" && shown.json["user"] == "ada")
        try await caller.hangUp()
    }

    @Test(arguments: ["POST /v1/tokens", "POST /v1/realtime/client_secrets", "PATCH /v1/sessions/ses_0123"])
    func `a stranger is sent away before his body has come`(request: String) async throws {
        let head = ["\(request) HTTP/1.1", "Host: localhost", "Content-Length: 1000000", "", ""]
        let replies = try await server().http.replies(1, to: Array(head.joined(separator: "\r\n").utf8))
        #expect(replies.map(\.status) == [401])
    }

    @Test func `what is another's is not there`() async throws {
        let caller = try await call(fields: TwoTenants.bearer(TwoTenants.talk))
        let id = await caller.session
        let beta = TwoTenants.bearer(TwoTenants.beta)
        for method in ["GET", "DELETE"] {
            let foreign = try await server().http.send(method, "/v1/sessions/\(id)", fields: beta)
            let missing = try await server().http.send(method, "/v1/sessions/\(id.dropLast(4))beef", fields: beta)
            #expect(foreign.status == 404 && missing.status == 404)
            #expect(foreign.json["code"] == missing.json["code"] && foreign.json["fix"] == missing.json["fix"])
        }
        let all = try await server().http.send("GET", "/v1/sessions", fields: beta).json["sessions"]?.array ?? []
        #expect(!all.contains { $0["session"] == .string(id) })
        try await caller.hangUp()
    }

    @Test func `nobody without a key, nor with a wrong one`() async throws {
        let missing = await refusal(fields: [])
        #expect(
            missing?.status == 401 && missing?.problem == "auth.missing" && missing?["www-authenticate"] == "Bearer")
        for key in [APIKey.generate(), TwoTenants.expired, TwoTenants.operator] {
            let wrong = await refusal(fields: TwoTenants.bearer(key))
            #expect(wrong?.status == 401 && wrong?.problem == "auth.invalid")
        }
        let forbidden = await refusal(fields: TwoTenants.bearer(TwoTenants.read))
        #expect(forbidden?.status == 403 && forbidden?.problem == "auth.forbidden")
        let inQuery = await refusal("token=\(TwoTenants.talk.text)", fields: [])
        #expect(inQuery?.problem == "auth.invalid", "a key does not belong into an address")
    }

    @Test func `a path or a host name takes its own tenant's keys only`() async throws {
        try await call(path: "/acme/v1/talk", fields: TwoTenants.bearer(TwoTenants.talk)).hangUp()
        #expect(await refusal(path: "/beta/v1/talk", fields: TwoTenants.bearer(TwoTenants.talk))?.status == 401)
        #expect(await refusal(path: "/nobody/v1/talk", fields: TwoTenants.bearer(TwoTenants.talk))?.status == 401)
        let http = try server().http
        #expect(
            try await http.send("GET", "/acme/v1/sessions", fields: TwoTenants.bearer(TwoTenants.read)).status == 200)
        #expect(
            try await http.send("GET", "/beta/v1/sessions", fields: TwoTenants.bearer(TwoTenants.read)).status == 401)
    }

    @Test func `a session token is good for one session`() async throws {
        let made = try await server().http.send(
            "POST", "/v1/tokens", fields: TwoTenants.bearer(TwoTenants.talk),
            body: #"{"profile": "echo", "user": "grace", "lifetime_s": 30}"#)
        #expect(made.status == 201 && made.json["expires_in"] == 30)
        let token = try #require(made.json["token"]?.string)
        let caller = try await call("token=\(token)&user=mallory&profile=mock", fields: [])
        let shown = try await server().http.send(
            "GET", "/v1/sessions/\(caller.session)", fields: TwoTenants.bearer(TwoTenants.read))
        #expect(shown.json["profile"] == "echo" && shown.json["user"] == "grace")
        #expect(await refusal("token=\(token)", fields: [])?.problem == "auth.invalid")
        try await caller.hangUp()
    }

    @Test(arguments: [
        (#"{"profile": "nix"}"#, 404, "profile.not_found"), (#"{"lifetime_s": 601}"#, 400, "request.field_invalid"),
        (#"{"lifetime_s": "60"}"#, 400, "request.field_invalid"), (#"{"what": 1}"#, 400, "request.field_invalid"),
        ("[]", 400, "request.field_invalid"), ("{", 400, "json.invalid"),
        (String(repeating: " ", count: 1_048_577), 413, "request.body_too_large"),
    ])
    func `a wrong order for a token is refused with its place`(body: String, status: Int, code: String) async throws {
        let reply = try await server().http.send(
            "POST", "/v1/tokens", fields: TwoTenants.bearer(TwoTenants.talk), body: body)
        #expect(reply.status == status && reply.problem == code)
    }

    @Test func `the public learns nothing of the host`() async throws {
        let health = try await server().http.get("/healthz")
        #expect(health.status == 200 && health.json["status"] == "healthy")
        #expect(health.json["profiles"] == nil && health.json["providers"] == nil)
    }

    @Test func `the admin API over HTTP takes operators' keys only`() async throws {
        let admin = HTTPClient(port: try #require(try server().server.adminPort))
        #expect(try await admin.get("/status").status == 401)
        #expect(try await admin.send("GET", "/status", fields: TwoTenants.bearer(TwoTenants.admin)).status == 401)
        #expect(try await admin.send("GET", "/status", fields: TwoTenants.bearer(TwoTenants.operator)).status == 200)
    }

    @Test func `every answer has the id of its request`() async throws {
        let http = try server().http
        #expect(try await http.send("GET", "/livez", fields: ["X-Request-Id: abc-1"])["x-request-id"] == "abc-1")
        #expect(try await http.get("/nix")["x-request-id"]?.hasPrefix("req_") == true)
        let forged = try await http.send("GET", "/livez", fields: ["X-Request-Id: a b"])["x-request-id"]
        #expect(forged?.hasPrefix("req_") == true)
    }
}

@Suite("Rates and quotas of tenants", .tags(.integration))
struct TenantLimitTests {
    @Test(
        ServerTrait.twoTenants {
            $0.policy.tenants["acme"] = TenantPolicy(
                defaultProfile: "echo", creates: RateLimit(perSecond: 0.01, burst: 2))
        })
    func `who begins too many sessions is told when to come again, and others are untouched`() async throws {
        let port = try server().port
        for _ in 0..<2 { try await Caller(port: port, "", fields: TwoTenants.bearer(TwoTenants.talk)).hangUp() }
        let refusal = await #expect(throws: HTTPReply.self) {
            _ = try await Caller(port: port, "", fields: TwoTenants.bearer(TwoTenants.talk))
        }
        #expect(refusal?.status == 429 && refusal?.problem == "request.rate_exceeded")
        #expect(Int(refusal?["retry-after"] ?? "") ?? 0 > 1)
        try await Caller(port: port, "", fields: TwoTenants.bearer(TwoTenants.beta)).hangUp()
    }

    @Test func `no door stays open off loopback`() throws {
        let refusal = #expect(throws: SyrinxError.self) {
            var options = ServerOptions(pluginFolders: [try Plugins.folder()], logger: .init(label: "test"))
            options.host = "0.0.0.0"
            _ = try VoiceServer(options)
        }
        #expect(refusal?.code == "server.unauthenticated_listener")
        let admin = #expect(throws: SyrinxError.self) {
            var options = ServerOptions(pluginFolders: [try Plugins.folder()], logger: .init(label: "test"))
            options.adminAddress = AdminAddress(host: "::", port: 0)
            _ = try VoiceServer(options)
        }
        #expect(admin?.place == "listeners.admin_http")
    }
}
