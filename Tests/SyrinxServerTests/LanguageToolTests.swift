// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import SyrinxSimulators
import Testing

/// The agent changes the call's language by its tool, and everything follows.
@Suite("The tool switch_language", .tags(.integration)) struct LanguageToolTests {
    /// A cascade with a real chat agent; the simulated model chooses the first of the languages.
    private func withServer(_ body: (TestServer) async throws -> Void) async throws {
        let simulator = try await SimulatorServer.start(
            OpenAISimulator(SimulatorSettings(voice: SimulatedVoice(millisecondsPerCharacter: 10))))
        let address = simulator.address
        let server = try await TestServer.start { options in
            options.network.addresses.allowed = ["127.0.0.1"].compactMap(AddressRange.init)
            var profile = BuiltInProfiles.mock
            profile.name = "polyglot"
            profile.conversation.languages = ["de", "en"]
            profile.stt?.options = ["lines": ["one", "two"]]
            profile.agent = StagePlan(
                .agent, ProviderReference(id: "openai_chat"), config: ["url": .string("\(address.http)/v1")])
            profile.tts?.options = ["reply_ms": 200]
            profile.tts?.voices = ["de": ["reply_ms": 400]]
            options.policy.profiles = [profile]
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

    @Test func `the agent hears its answer, the client of the change, and voice and recogniser are others`()
        async throws
    {
        try await withServer { server in
            let caller = try await server.call("profile=polyglot")
            func speak() async throws -> JSONValue {
                await caller.say(Sound.speech(milliseconds: 600) + Sound.silence(milliseconds: 1500))
                return try await caller.event("turn.ended")
            }
            #expect(try await speak()["user"] == "one")
            let before = await caller.audioFrames
            await caller.send(["type": "text", "text": "switch language please"])
            let change = try await caller.event("language.changed")
            #expect(change["language"] == "de" && change["from"] == "en" && change["source"] == "agent")
            let turn = try await caller.event("turn.ended")
            #expect(turn["agent"] == "The tool says The language is now de..", "\(turn)")
            // The voice of `de` says everything in twice the time.
            let answer = await caller.audioFrames - before
            #expect(answer >= before * 2 - 1, "\(before) frames, then \(answer)")
            // The recogniser was opened anew: it begins its lines again.
            #expect(try await speak()["user"] == "one")
            #expect(try await caller.hangUp() == 1000)
        }
    }
}
