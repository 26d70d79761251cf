// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import SyrinxConfig
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import SyrinxTelemetry
import Testing

/// Answers what the test puts in.
final class FakeSource: PolicySource {
    let next: Mutex<Result<ServerPolicy, PolicyRefusal>>

    init(_ next: Result<ServerPolicy, PolicyRefusal>) { self.next = Mutex(next) }

    func load(_ registry: PluginRegistry) throws(PolicyRefusal) -> PolicyUpdate {
        let change = PolicyUpdate.Change(key: "profiles.second", old: "", new: "{}", effect: .newSessions)
        return PolicyUpdate(policy: try next.withLock { $0 }.get(), changes: [change])
    }
}

@Suite("Reading the configuration again", .tags(.integration))
struct ReloadTests {
    @Test(.server) func `a file that is refused does not bring the secrets in force into the log`() throws {
        let path = NSTemporaryDirectory() + "syrinx-reload-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: path) }
        func write(_ secret: String, provider: String) throws {
            let text = """
                profiles: { a: { agent: \(provider) } }
                tenants: { t: { webhooks: { w: { url: "https://h/w", secret: \(secret) } } } }
                """
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        try write("first-secret", provider: "mock")
        let first = try Configuration.load(path: path, environment: [:])
        let redactor = Redactor(secrets: first.secretValues)
        let file = ConfigurationFile(path: path, environment: [:], holding: first) { redactor.add($0.secretValues) }
        try write("second-secret", provider: "nowhere")
        let registry = try server().server.host.registry
        #expect(throws: PolicyRefusal.self) { _ = try file.load(registry) }
        #expect(redactor.redacted("first-secret or second-secret") == "[redacted] or [redacted]")
    }

    private static var second: ServerPolicy {
        var policy = ServerPolicy()
        var profile = BuiltInProfiles.mock
        profile.name = "second"
        policy.profiles = [BuiltInProfiles.echo, profile]
        policy.limits.maxSessions = 7
        return policy
    }

    private static var broken: ServerPolicy {
        var policy = second
        policy.profiles[1].tts = StagePlan(.tts, ProviderReference(id: "nowhere"))
        return policy
    }

    private func withServer(
        _ next: Result<ServerPolicy, PolicyRefusal>, _ body: (TestServer, HTTPClient) async throws -> Void
    ) async throws {
        let server = try await TestServer.start { options in
            options.source = FakeSource(next)
            options.adminAddress = AdminAddress(host: "127.0.0.1", port: 0)
        }
        do {
            try await body(server, HTTPClient(port: try #require(server.server.adminPort)))
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func `new calls get the new profiles and limits, live ones go on`() async throws {
        try await withServer(.success(Self.second)) { server, admin in
            let before = try await server.call("profile=mock")
            let plan = try await admin.send("POST", "/reload?dry_run=true").json
            #expect(plan["applied"] == false && plan["generation"] == 1)
            #expect(plan["changes"]?.array?.first?["effect"] == "new_sessions")
            await #expect(throws: HTTPReply.self) { _ = try await server.call("profile=second") }

            let done = try await admin.send("POST", "/reload").json
            #expect(done["applied"] == true && done["generation"] == 2)
            let after = try await server.call("profile=second")
            let gone = await #expect(throws: HTTPReply.self) { _ = try await server.call("profile=mock") }
            #expect(gone?.problem == "profile.not_found")
            #expect(server.manager.limits.maxSessions == 7)
            await before.send(["type": "text", "text": "hello"])
            #expect(try await before.event("turn.ended")["outcome"] == "answered")
            try await before.hangUp()
            try await after.hangUp()
        }
    }

    @Test func `a profile that cannot serve keeps everything as it was`() async throws {
        try await withServer(.success(Self.broken)) { server, admin in
            let refusal = try await admin.send("POST", "/reload")
            #expect(refusal.status == 422 && refusal.problem == "config.refused")
            #expect(refusal.json["issues"]?.array?.count == 1)
            #expect(server.manager.limits.maxSessions == 1000)
            try await server.call("profile=mock").hangUp()
        }
    }

    @Test func `every fault of a file is told`() async throws {
        let refusal = PolicyRefusal([
            .init("one", fix: "mend it", place: "a.yaml:1:2"), .init("two", place: "a.yaml:3:4"),
        ])
        try await withServer(.failure(refusal)) { server, admin in
            let issues = try await admin.send("POST", "/reload").json["issues"]?.array ?? []
            #expect(issues.map { $0["place"] } == ["a.yaml:1:2", "a.yaml:3:4"])
            #expect(issues.first?["fix"] == "mend it")
            try await server.call("profile=mock").hangUp()
        }
    }
}
