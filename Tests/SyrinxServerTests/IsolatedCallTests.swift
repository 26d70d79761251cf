// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import Testing

/// Calls whose every plugin runs in a helper process, and helpers that die in the middle of them.
@Suite("Calls on isolated plugins", .serialized, .tags(.integration))
struct IsolatedCallTests {
    private static let speech = Sound.messages(Sound.speech(milliseconds: 600), rate: 16_000)
    private static let pause = Sound.messages(Sound.silence(milliseconds: 600), rate: 16_000)

    private func stream(_ messages: [[UInt8]], to caller: Caller) async throws {
        var next = ContinuousClock.now
        for message in messages {
            await caller.send(.audio(message))
            next += .milliseconds(20)
            try await ContinuousClock().sleep(until: next)
        }
    }

    /// Waits for a helper in reserve for each at work: without, a call waits for little more than a second.
    private func reserve(_ plugin: String, on server: TestServer) async throws {
        let module = try #require(server.server.host.isolatedModules.first { $0.id == plugin })
        try await server.wait(for: "helpers in reserve") { module.processes.count >= 2 * module.busyProcesses.count }
    }

    /// Ends a helper of the plugin, one that serves a session: the first that was started, the second, ...
    private func kill(_ plugin: String, _ index: Int = 0, on server: TestServer) throws {
        let module = try #require(server.server.host.isolatedModules.first { $0.id == plugin })
        let processes = module.busyProcesses
        #expect(processes.count > index)
        if processes.count > index { module.kill(processes[index]) }
    }

    @Test(.server(Isolated.everything)) func `a call is what it is with plugins in the server's process`() async throws
    {
        let caller = try await server().call("profile=mock&reply_ms=200")
        await caller.say(Sound.speech(milliseconds: 600) + Sound.silence(milliseconds: 600))
        let turn = try await caller.event("turn.ended")
        #expect(turn["outcome"] == "answered")
        #expect(turn["user"]?.string?.isEmpty == false)
        #expect(try await caller.hangUp() == 1000)
    }

    private func dieWhileSpeaking(_ plugin: String, _ index: Int = 0) async throws {
        let server = try server()
        try await Neighbour.watch(server) {
            let caller = try await server.call("profile=mock&reply_ms=200&user=victim")
            try await reserve(plugin, on: server)
            try await stream(Array(Self.speech.prefix(20)), to: caller)
            try kill(plugin, index, on: server)
            try await stream(Array(Self.speech.dropFirst(20)) + Self.pause, to: caller)
            let turn = try await caller.event("turn.ended")
            #expect(turn["outcome"] == "answered", "\(turn)")
            #expect(turn["user"]?.string?.isEmpty == false)
            #expect(try await caller.hangUp() == 1000)
        }
    }

    @Test(.server(Isolated.everything)) func `a detector that dies costs no turn, and nobody else a frame`()
        async throws
    {
        try await dieWhileSpeaking("energy-vad")
    }

    @Test(.server(Isolated.everything)) func `a recogniser that dies costs no word, and nobody else a frame`()
        async throws
    {
        try await dieWhileSpeaking("mock")
    }

    @Test(.server(Isolated.everything)) func `without a helper in reserve another is waited for`() async throws {
        let server = try server()
        let caller = try await server.call("profile=mock&reply_ms=200")
        let module = try #require(server.server.host.isolatedModules.first { $0.id == "energy-vad" })
        try await stream(Array(Self.speech.prefix(20)), to: caller)
        for process in module.processes { module.kill(process) }
        try await stream(Array(Self.speech.dropFirst(20)) + Self.pause, to: caller)
        #expect(try await caller.event("turn.ended")["outcome"] == "answered")
        #expect(try await caller.hangUp() == 1000)
    }

    @Test(.server(Isolated.withoutSpare)) func `an agent of which no helper can be had gives way to its fallback`()
        async throws
    {
        let server = try server()
        let caller = try await server.call("profile=spared&reply_ms=40")
        let module = try #require(server.server.host.isolatedModules.first { $0.id == "echo-agent" })
        // Three deaths, and no more helpers are started for it.
        for _ in 1...2 {
            let process = try #require(module.busyProcesses.first)
            module.kill(process)
            try await server.wait(for: "another helper") { module.busyProcesses.contains { $0 != process } }
        }
        module.kill(try #require(module.busyProcesses.first))
        await caller.send(["type": "text", "text": "marzipan"])
        let turn = try await caller.event("turn.ended")
        #expect(turn["outcome"] == "answered", "\(turn)")
        #expect(turn["agent"]?.string?.contains("marzipan") == false)
        #expect(try await caller.hangUp() == 1000)
    }

    @Test(.server(Isolated.everything)) func `a voice that dies in the middle is heard to its end`() async throws {
        let server = try server()
        let caller = try await server.call("profile=mock&reply_ms=1500")
        try await reserve("mock", on: server)
        await caller.send(["type": "text", "text": "tell me"])
        _ = try await caller.audio(20)
        try kill("mock", 2, on: server)
        let turn = try await caller.event("turn.ended")
        #expect(turn["outcome"] == "answered")
        #expect(await caller.audioBytes >= 1500 * 32)
        #expect(try await caller.hangUp() == 1000)
    }
}

private enum Isolated {
    static let everything: @Sendable (inout ServerOptions) throws -> Void = { options in
        options.loading.isolation = .always
        // However busy the other tests keep the machine: nothing has ended that stands still for a moment.
        options.loading.settings.mediaHang = .seconds(10)
        options.loading.settings.callHang = .seconds(10)
        for index in options.policy.profiles.indices {
            options.policy.profiles[index].conversation.speech.audioIdle = .seconds(10)
        }
    }

    /// Of the agent `echo`, with another behind it, there is no helper but the one at work.
    static let withoutSpare: @Sendable (inout ServerOptions) throws -> Void = { options in
        try everything(&options)
        options.loading.settings.keepsSpare = false
        var profile = BuiltInProfiles.mock
        profile.name = "spared"
        profile.agent = StagePlan(.agent, ProviderReference(id: "echo"))
        profile.agent?.fallback = [StagePlan(.agent, ProviderReference(id: "mock"))]
        options.policy.profiles.append(profile)
    }
}
