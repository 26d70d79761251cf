// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import Testing

/// A stage that is slow again and again is given to its fallback in the middle of the call.
@Suite("Slow stages", .tags(.integration), .server(SlowStages.install))
struct SlowStageTests {
    private func answer(_ caller: Caller, _ text: String) async throws -> String? {
        await caller.send(["type": "text", "text": .string(text)])
        return try await caller.event("turn.ended")["agent"]?.string
    }

    @Test func `after two late answers the next provider answers, and the client is told`() async throws {
        let caller = try await server().call("profile=switching&reply_ms=40")
        for _ in 1...2 { #expect(try await answer(caller, "marzipan")?.contains("marzipan") == false) }
        let warning = try await caller.event("warning")
        #expect(warning["code"] == "latency.switched")
        #expect(warning["message"]?.string?.hasPrefix("agent: 2 answers in a row came late") == true)
        #expect(try await answer(caller, "marzipan")?.contains("marzipan") == true)
        #expect(try await caller.hangUp() == 1000)
    }

    @Test func `nothing is switched unless the profile says so`() async throws {
        let caller = try await server().call("profile=patient&reply_ms=40")
        for _ in 1...4 { #expect(try await answer(caller, "marzipan")?.contains("marzipan") == false) }
        #expect(try await caller.hangUp() == 1000)
    }
}

private enum SlowStages {
    /// Any answer is later than nothing: no provider has to be slow, and no clock is asked.
    static let install: @Sendable (inout ServerOptions) throws -> Void = { options in
        var profile = BuiltInProfiles.mock
        profile.name = "switching"
        profile.agent?.fallback = [StagePlan(.agent, ProviderReference(id: "echo"))]
        profile.latency = LatencyRule(target: .zero, switchAfter: 2)
        options.policy.profiles.append(profile)
        profile.name = "patient"
        profile.latency = nil
        options.policy.profiles.append(profile)
    }
}
