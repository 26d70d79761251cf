// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import Testing

/// A client and the API change a call's pipeline and language in the middle of it.
@Suite("Switching", .tags(.integration), .server(Hybrid.install))
struct SwitchingTests {
    private func answer(_ caller: Caller, _ text: String) async throws -> String? {
        await caller.send(["type": "text", "text": .string(text)])
        return try await caller.event("turn.ended")["agent"]?.string
    }

    private func change(_ caller: Caller, _ body: JSONValue) async throws -> HTTPReply {
        try await server().http.send("PATCH", "/v1/sessions/\(await caller.session)", body: body.text)
    }

    private func state(_ caller: Caller) async throws -> JSONValue {
        try await server().http.get("/v1/sessions/\(await caller.session)").json
    }

    @Test func `a client goes to the cascade and back`() async throws {
        let caller = try await server().call("profile=hybrid")
        #expect(try await answer(caller, "one") == "model after 0 lines")
        await caller.send(["type": "pipeline", "pipeline": "cascade"])
        let event = try await caller.event("pipeline.switched")
        #expect(event["pipeline"] == "cascade")
        #expect(event["reason"] == "requested")
        #expect(try await answer(caller, "two") == "two")
        await caller.send(["type": "pipeline", "pipeline": "s2s"])
        #expect(try await caller.event("pipeline.switched")["pipeline"] == "s2s")
        #expect(try await answer(caller, "three") == "model after 4 lines")
        #expect(try await caller.hangUp() == 1000)
    }

    @Test func `an operator does the same over HTTP, and sees it`() async throws {
        let caller = try await server().call("profile=hybrid")
        #expect(try await state(caller)["pipeline"] == "s2s")
        #expect(try await change(caller, ["pipeline": "cascade", "language": "de"]).status == 202)
        #expect(try await caller.event("language.changed")["language"] == "de")
        try await caller.event("pipeline.switched")
        #expect(try await state(caller)["pipeline"] == "cascade")
        #expect(try await state(caller)["language"] == "de")
        #expect(try await caller.hangUp() == 1000)
    }

    @Test func `what cannot be changed is refused, and nothing happens`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=40")
        #expect(try await change(caller, ["pipeline": "s2s"]).problem == "pipeline.unavailable")
        #expect(try await change(caller, ["pipeline": "s2s"]).status == 409)
        #expect(try await change(caller, ["language": "?"]).problem == "language.invalid")
        #expect(try await change(caller, [:]).problem == "request.field_invalid")
        #expect(try await change(caller, ["color": "red"]).problem == "request.field_invalid")
        await caller.send(["type": "pipeline", "pipeline": "s2s"])
        #expect(try await caller.event("warning")["code"] == "pipeline.unavailable")
        await caller.send(["type": "pipeline", "pipeline": "loopback"])
        #expect(try await caller.event("error")["code"] == "message.invalid_field")
        #expect(try await answer(caller, "hello") != nil)
        #expect(try await caller.hangUp() == 1000)
    }

    @Test func `the voice of the new language speaks the next answer`() async throws {
        let caller = try await server().call("profile=voices")
        #expect(try await answer(caller, "one") != nil)
        let first = await caller.audioFrames
        await caller.send(["type": "language", "language": "de"])
        #expect(try await caller.event("language.changed")["source"] == "requested")
        #expect(try await answer(caller, "zwei") != nil)
        // The voice of `de` says everything in twice the time.
        let second = await caller.audioFrames - first
        #expect(second >= first * 2 - 1, "\(first) frames, then \(second)")
        #expect(try await caller.hangUp() == 1000)
    }
}

extension Caller {
    var audioFrames: Int { log.count { if case .audio = $0 { true } else { false } } }
}

private enum Hybrid {
    static let install: @Sendable (inout ServerOptions) throws -> Void = { options in
        var profile = BuiltInProfiles.mock
        profile.name = "hybrid"
        profile.conversation.pipeline = .s2s
        profile.agent = StagePlan(.agent, ProviderReference(id: "echo"))
        profile.tts?.options = ["reply_ms": 40]
        profile.s2s = StagePlan(
            .s2s, ProviderReference(id: "mock"), options: ["reply": "model after {history} lines", "reply_ms": 40])
        options.policy.profiles.append(profile)
        profile = BuiltInProfiles.mock
        profile.name = "voices"
        profile.tts?.options = ["reply_ms": 200]
        profile.tts?.voices = ["de": ["reply_ms": 400]]
        options.policy.profiles.append(profile)
    }
}
