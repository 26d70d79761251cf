// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import Testing

/// Callers who come in through a plugin: the transport `mock` lets everybody in, and passes events and audio on.
@Suite("Doors", .serialized, .tags(.integration), .doors)
struct DoorTests {
    private func call(_ query: String = "", at door: String = "phone") async throws -> Caller {
        try await Caller(port: server().port, query, path: "/doors/\(door)", greeting: "session.ready")
    }

    @Test func `a call through a plugin is a conversation like any other`() async throws {
        let caller = try await call("user=anna")
        let live = try #require(try server().manager.sessions.first)
        #expect(live.user == "anna")
        #expect(live.rate == 8_000)
        await caller.send(["command": ["type": "text", "text": "hello"]])
        #expect(try await caller.event("turn.ended")["outcome"] == "answered")
        // The answer of the profile is a second long: 8000 samples of two bytes.
        #expect(await caller.audioBytes >= 15_000)
        try await caller.hangUp()
        try await server().settle()
    }

    @Test func `speech of the caller is heard`() async throws {
        let caller = try await call()
        await caller.say(
            Sound.speech(milliseconds: 800, rate: 8_000) + Sound.silence(milliseconds: 1_200, rate: 8_000), rate: 8_000)
        #expect(try await caller.event("turn.committed")["source"] != nil)
        try await caller.hangUp()
        try await server().settle()
    }

    @Test func `the far end is told at once what it must not play any more`() async throws {
        let caller = try await call(at: "slow")
        await caller.send(["command": ["type": "text", "text": "hello"]])
        let started = try await caller.event("speech.started")
        _ = try await caller.audio(3)
        await caller.send(["command": ["type": "interrupt"]])
        var cleared: JSONValue?
        while cleared == nil, let message = try await caller.next() {
            if case .event(let event) = message, let generation = event["clear"] { cleared = generation }
        }
        #expect(cleared == started["generation"])
        #expect(try await caller.event("turn.ended")["outcome"] == "interrupted")
        try await caller.hangUp()
        try await server().settle()
    }

    @Test func `pressed keys are a turn after the terminator`() async throws {
        let caller = try await call()
        await caller.send(["keys": "4"])
        #expect(try await caller.event("keys.pressed")["keys"] == "4")
        await caller.send(["keys": "2#"])
        let turn = try await caller.event("turn.committed")
        #expect(turn["text"] == "42")
        #expect(turn["source"] == "text")
        try await caller.hangUp()
        try await server().settle()
    }

    @Test func `who hangs up at the far end ends the session`() async throws {
        let caller = try await call()
        await caller.send(["hang_up": true])
        #expect(try await caller.event("session.closed")["reason"] == "client_closed")
        #expect(try await caller.end() == 1000)
        try await server().settle()
    }

    @Test func `a session that the server ends closes the caller's socket`() async throws {
        let caller = try await call()
        await caller.send(["command": ["type": "close"]])
        #expect(try await caller.end() == 1000)
        try await server().settle()
    }

    @Test func `a handshake that the plugin refuses is answered in its words`() async throws {
        let refusal = await #expect(throws: HTTPReply.self) { _ = try await call("refuse=403") }
        #expect(refusal?.status == 403)
        #expect(refusal.map { String(decoding: $0.body, as: UTF8.self) } == "not today\n")
        try await server().settle()
    }

    @Test func `a request that the plugin declines is over at once`() async throws {
        let reply = try await server().http.get("/doors/phone?decline=1")
        #expect(reply.problem == "door.failed")
        try await server().settle()
    }

    @Test func `a plugin that does not answer is not waited for`() async throws {
        let reply = try await server().http.get("/doors/phone?silent=1")
        #expect(reply.status == 504)
        #expect(reply.problem == "door.timeout")
        try await server().settle()
    }

    @Test func `a webhook is answered, and no call comes of it`() async throws {
        let reply = try await server().http.send("POST", "/doors/phone", body: "CallSid=1")
        #expect(reply.status == 201)
        try await server().settle()
    }

    @Test func `later requests below the door lead to their call`() async throws {
        let begun = try await server().http.send("POST", "/doors/phone?stay=1", body: "hello")
        let id = String(decoding: begun.body, as: UTF8.self)
        #expect(begun["location"]?.hasSuffix("/doors/phone/\(id)") == true)
        try await server().settle(at: 1)
        let patched = try await server().http.send("PATCH", "/doors/phone/\(id)/more", body: "x")
        #expect(String(decoding: patched.body, as: UTF8.self) == "PATCH \(id)/more x")
        let foreign = try await server().http.send("DELETE", "/doors/slow/\(id)")
        #expect(foreign.problem == "session.not_found", "a call of another door is not there")
        #expect(try await server().http.send("DELETE", "/doors/phone/\(id)").status == 200)
        try await server().settle()
        let gone = try await server().http.send("DELETE", "/doors/phone/\(id)")
        #expect(gone.problem == "session.not_found")
    }

    @Test func `what is no door, or too large, is refused`() async throws {
        #expect(try await server().http.get("/doors/nobody").problem == "door.not_found")
        let large = String(repeating: "x", count: 16_385)
        let reply = try await server().http.send("POST", "/doors/phone", body: large)
        #expect(reply.problem == "request.body_too_large")
        #expect(try await server().http.send("POST", "/doors/phone", body: String(large.dropLast())).status == 201)
        try await server().settle()
    }

    @Test func `a full host opens no door`() async throws {
        let callers = try await [call(), call(), call()]
        let reply = try await server().http.send("POST", "/doors/phone")
        #expect(reply.problem == "session.limit_exceeded")
        for caller in callers { try await caller.hangUp() }
        try await server().settle()
    }
}

extension Trait where Self == ServerTrait {
    /// Two doors of the transport `mock`; three sessions at most.
    fileprivate static var doors: ServerTrait { .server(Doors.open) }
}

enum Doors {
    static let open: @Sendable (inout ServerOptions) throws -> Void = { options in
        var door = Door()
        door.transport = StagePlan(.transport, ProviderReference(id: "mock"))
        door.profile = "mock"
        door.rate = 8_000
        options.policy.doors["phone"] = door
        var slow = try #require(options.policy.profiles.first { $0.name == "mock" })
        slow.name = "slow"
        slow.tts?.options = ["reply_ms": 60_000]
        options.policy.profiles.append(slow)
        door.profile = "slow"
        options.policy.doors["slow"] = door
        options.policy.limits.maxSessions = 3
    }
}
