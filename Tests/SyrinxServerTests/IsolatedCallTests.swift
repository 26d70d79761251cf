// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import SyrinxServer
import Testing

/// Calls whose every plugin runs in a helper process, and helpers that die in the middle of them.
@Suite("Calls on isolated plugins", .tags(.integration), .server(Isolated.everything))
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

    private func kill(_ plugin: String, on server: TestServer) {
        for module in server.server.host.isolatedModules where module.id == plugin { module.killAll() }
    }

    @Test func `a call is what it is with plugins in the server's process`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=200")
        await caller.say(Sound.speech(milliseconds: 600) + Sound.silence(milliseconds: 600))
        let turn = try await caller.event("turn.ended")
        #expect(turn["outcome"] == "answered")
        #expect(turn["user"]?.string?.isEmpty == false)
        #expect(try await caller.hangUp() == 1000)
    }

    @Test(.serialized, arguments: ["energy-vad", "mock"])
    func `a helper that dies while the caller speaks costs no turn, and nobody else a frame`(plugin: String)
        async throws
    {
        let server = try server()
        try await Neighbour.watch(server) {
            let caller = try await server.call("profile=mock&reply_ms=200&user=victim")
            try await stream(Array(Self.speech.prefix(20)), to: caller)
            kill(plugin, on: server)
            try await stream(Array(Self.speech.dropFirst(20)) + Self.pause, to: caller)
            let turn = try await caller.event("turn.ended")
            #expect(turn["outcome"] == "answered")
            #expect(turn["user"]?.string?.isEmpty == false)
            #expect(try await caller.hangUp() == 1000)
        }
    }

    @Test func `a voice that dies in the middle is heard to its end`() async throws {
        let server = try server()
        let caller = try await server.call("profile=mock&reply_ms=1500")
        await caller.send(["type": "text", "text": "tell me"])
        _ = try await caller.audio(20)
        kill("mock", on: server)
        let turn = try await caller.event("turn.ended")
        #expect(turn["outcome"] == "answered")
        #expect(try await caller.hangUp() == 1000)
    }
}

private enum Isolated {
    static let everything: @Sendable (inout ServerOptions) throws -> Void = { $0.loading.isolation = .always }
}
