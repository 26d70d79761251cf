// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import Testing

/// Callers who come in through a plugin that runs in a helper process: they notice nothing of that.
@Suite("Doors of isolated plugins", .serialized, .tags(.integration))
struct IsolatedDoorTests {
    private func call(_ query: String = "", at door: String = "phone") async throws -> Caller {
        try await Caller(port: server().port, query, path: "/doors/\(door)", greeting: "session.ready")
    }

    private func kill(_ server: TestServer) async throws {
        let module = try #require(server.server.host.isolatedModules.first { $0.id == "mock" })
        // A visit counts before its session is open in the helper.
        try await server.wait(for: "a helper at work") { !module.busyProcesses.isEmpty }
        // The door `echo` uses no other provider of the plugin.
        let process = try #require(module.busyProcesses.first)
        #expect(module.busyProcesses.count == 1)
        module.kill(process)
    }

    @Test(.isolatedDoors) func `a call is what it is with the plugin in the server's process`() async throws {
        let caller = try await call("user=anna")
        #expect(try server().manager.sessions.first?.user == "anna")
        await caller.send(["keys": "4"])
        #expect(try await caller.event("keys.pressed")["keys"] == "4")
        await caller.send(["keys": "2#"])
        #expect(try await caller.event("turn.committed")["text"] == "42")
        #expect(try await caller.event("turn.ended")["outcome"] == "answered")
        #expect(await caller.audioBytes >= 15_000)
        await caller.say(
            Sound.speech(milliseconds: 800, rate: 8_000) + Sound.silence(milliseconds: 1_200, rate: 8_000), rate: 8_000)
        #expect(try await caller.event("turn.committed")["source"] != nil)
        await caller.send(["hang_up": true])
        #expect(try await caller.event("session.closed")["reason"] == "client_closed")
        #expect(try await caller.end() == 1000)
        try await server().settle()
    }

    @Test(.isolatedDoors) func `audio comes through as it was sent, both ways`() async throws {
        let caller = try await call(at: "echo")
        for message in 0..<20 {
            let bytes = Sound.mark(stream: 7, message: message, bytes: 320)
            await caller.send(.audio(bytes))
            #expect(try await caller.audio(1) == [bytes])
        }
        try await caller.hangUp()
        try await server().settle()
    }

    @Test(.isolatedDoors) func `the far end is told at once what it must not play any more`() async throws {
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
        await caller.send(["command": ["type": "close"]])
        #expect(try await caller.end() == 1000)
        try await server().settle()
    }

    @Test(.isolatedDoors) func `what the plugin answers is what the visitor gets`() async throws {
        let refusal = await #expect(throws: HTTPReply.self) { _ = try await call("refuse=403") }
        #expect(refusal?.status == 403)
        let http = try server().http
        #expect(try await http.get("/doors/phone?decline=1").problem == "door.failed")
        #expect(try await http.get("/doors/phone?silent=1").problem == "door.timeout")
        let begun = try await http.send("POST", "/doors/phone?stay=1", body: "hello")
        let id = String(decoding: begun.body, as: UTF8.self)
        try await server().settle(at: 1)
        let patched = try await http.send("PATCH", "/doors/phone/\(id)/more", body: "x")
        #expect(String(decoding: patched.body, as: UTF8.self) == "PATCH \(id)/more x")
        #expect(try await http.get("/doors/phone/\(id)?decline=1").problem == "door.failed")
        #expect(try await http.send("DELETE", "/doors/phone/\(id)").status == 200, "the call went on")
        try await server().settle()
    }

    @Test(.isolatedDoors) func `a helper that dies ends the calls at its door, and nobody else's`() async throws {
        let server = try server()
        try await Neighbour.watch(server) {
            let victim = try await call(at: "echo")
            try await kill(server)
            #expect(try await victim.end() == 1011)
            try await server.settle(at: 1)
            // The helper in reserve is there at once.
            let next = try await call(at: "echo")
            try await next.hangUp()
        }
        try await server.settle()
    }

    @Test(.isolatedDoors) func `a visitor whose plugin dies gets an answer`() async throws {
        let server = try server()
        async let reply = server.http.get("/doors/echo?silent=1")
        try await server.settle(at: 1)
        try await kill(server)
        let answer = try await reply
        // Which of them depends on how far the visit had come.
        let problem = try #require(answer.problem)
        #expect(problem == "door.failed" || problem.hasPrefix("provider."), "\(problem)")
        try await server.settle()
    }

    @Test(.aHelperEach) func `each call may have a helper of its own`() async throws {
        let server = try server()
        let callers = try await [call(at: "echo"), call(at: "echo"), call(at: "echo")]
        let module = try #require(server.server.host.isolatedModules.first { $0.id == "mock" })
        #expect(module.busyProcesses.count == 3)
        for caller in callers { try await caller.hangUp() }
        try await server.settle()
    }

    @Test(.isolatedDoorsWithoutSpare) func `a door opens again without a helper in reserve`() async throws {
        let server = try server()
        for _ in 1...2 {
            let victim = try await call(at: "echo")
            try await kill(server)
            #expect(try await victim.end() == 1011)
            try await server.settle()
        }
        let next = try await call(at: "echo")
        #expect(try await next.hangUp() == 1000)
        try await server.settle()
    }
}

extension Trait where Self == ServerTrait {
    fileprivate static var isolatedDoors: ServerTrait {
        .server { options in
            try Doors.open(&options)
            options.loading.isolation = .always
            options.loading.settings.mediaHang = .seconds(10)
            options.loading.settings.callHang = .seconds(10)
            var door = try #require(options.policy.doors["phone"])
            door.profile = "echo"
            options.policy.doors["echo"] = door
        }
    }

    fileprivate static var aHelperEach: ServerTrait {
        .server { options in
            try isolatedDoorsWithoutSpare.change(&options)
            options.loading.settings.grouping = .session
            // Where stages have a helper each, too, the next call may have to wait for one of these.
            for index in options.policy.profiles.indices { options.policy.profiles[index].vad = nil }
        }
    }

    fileprivate static var isolatedDoorsWithoutSpare: ServerTrait {
        .server { options in
            try isolatedDoors.change(&options)
            options.loading.settings.keepsSpare = false
        }
    }
}
