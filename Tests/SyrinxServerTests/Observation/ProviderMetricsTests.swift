// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import SyrinxSimulators
import Testing

/// What `/metrics` tells of providers: who was asked, who failed, and what a connection cost.
@Suite("Metrics of providers", .tags(.integration)) struct ProviderMetricsTests {
    /// A server with a chat model that answers, one that nobody listens for, and a model that speaks.
    private func withServer(_ body: (TestServer) async throws -> Void) async throws {
        let simulator = try await SimulatorServer.start(OpenAISimulator(SimulatorSettings()))
        let address = simulator.address
        let server = try await TestServer.start { options in
            options.adminAddress = AdminAddress(host: "127.0.0.1", port: 0)
            options.network.addresses.allowed = ["127.0.0.1"].compactMap(AddressRange.init)
            func profile(_ name: String, _ agentURL: String) -> Profile {
                var profile = BuiltInProfiles.mock
                profile.name = name
                profile.tts?.options = ["reply_ms": 40]
                let config: JSONValue = ["url": .string(agentURL)]
                profile.agent = StagePlan(.agent, ProviderReference(id: "openai_chat"), config: config)
                return profile
            }
            var broken = profile("broken", "http://127.0.0.1:9/v1")
            broken.agent?.fallback = [StagePlan(.agent, ProviderReference(id: "echo"))]
            var model = BuiltInProfiles.mock
            model.name = "model"
            model.conversation.pipeline = .s2s
            model.s2s = StagePlan(.s2s, ProviderReference(id: "mock"), options: ["reply_ms": 40])
            options.policy.profiles = [profile("chat", "\(address.http)/v1"), broken, model]
        }
        do {
            try await body(server)
        } catch {
            await server.stop()
            await simulator.stop()
            throw error
        }
        await server.stop()
        await simulator.stop()
    }

    private func talk(_ server: TestServer, _ profile: String, turns: Int = 1) async throws {
        let caller = try await server.call("profile=\(profile)")
        for _ in 0..<turns {
            await caller.send(["type": "text", "text": "hello"])
            #expect(try await caller.event("turn.ended")["outcome"] == "answered")
        }
        #expect(try await caller.hangUp() == 1000)
        try await server.settle()
    }

    /// The counts of requests, errors and connections, of one kind of stage.
    private func series(_ server: TestServer, _ kind: String) async throws -> Set<String> {
        let admin = HTTPClient(port: try #require(server.server.adminPort))
        let text = String(decoding: try await admin.get("/metrics").body, as: UTF8.self)
        let wanted = ["requests_total", "errors_total", "acquire_seconds_count"]
        return Set(
            text.split(separator: "\n").map(String.init).filter { line in
                wanted.contains { line.hasPrefix("syrinx_provider_\($0){kind=\"\(kind)\"") }
            }.map { String($0.dropFirst("syrinx_provider_".count)) })
    }

    @Test func `each request tells what it waited for its connection, which is kept for the next`() async throws {
        try await withServer { server in
            try await talk(server, "chat", turns: 3)
            let agent = try await series(server, "agent")
            #expect(agent.contains(#"requests_total{kind="agent",provider="openai_chat@1.0.0"} 3"#), "\(agent)")
            let kept = [2, 3].map {
                #"acquire_seconds_count{kind="agent",provider="openai_chat@1.0.0",connection="kept"} \#($0)"#
            }
            #expect(!agent.isDisjoint(with: kept), "\(agent)")
            // Nobody recognised what was typed.
            #expect(try await series(server, "stt").isEmpty)
        }
    }

    @Test func `a failure counts for who failed, and the answer for who gave it`() async throws {
        try await withServer { server in
            try await talk(server, "broken")
            let name = #"kind="agent",provider="openai_chat@1.0.0""#
            #expect(
                try await series(server, "agent") == [
                    "requests_total{\(name)} 1", "errors_total{\(name),code=\"provider.connectivity\"} 1",
                    #"requests_total{kind="agent",provider="echo@1.0.0"} 1"#,
                ])
        }
    }

    @Test func `a model that hears and speaks is asked once a turn`() async throws {
        try await withServer { server in
            try await talk(server, "model", turns: 2)
            #expect(
                try await series(server, "s2s") == [#"requests_total{kind="s2s",provider="mock@1.0.0"} 2"#])
            #expect(try await series(server, "agent").isEmpty)
        }
    }
}
