// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxRuntime
import SyrinxServer
import Testing

@Suite("Coming back after a lost connection", .tags(.integration))
struct ResumeTests {
    private func resumed(_ token: String) async throws -> Caller {
        try await Caller(port: server().port, "resume=\(token)", greeting: "session.resumed")
    }

    /// Cut again and again, while a turn is being answered: the session is the same, and its turns go on being counted.
    @Test(.server)
    func `the session goes on, whichever loop the new socket is on`() async throws {
        var caller = try await server().call("profile=mock&reply_ms=400&resumable=true")
        let session = await caller.session
        for round in 1...12 {
            await caller.send(["type": "text", "text": "hello"])
            // What was only sent may be lost with the connection.
            #expect(try await caller.event("turn.committed")["turn"] == .int(Int64(2 * round - 1)))
            if round.isMultiple(of: 3) { _ = try await caller.event("speech.started") }
            let token = try #require(await caller.resumeToken)
            await caller.connection.close()
            caller = try await resumed(token)
            #expect(await caller.session == session)
            await caller.send(["type": "text", "text": "are you there"])
            var ended = try await caller.event("turn.ended")
            while ended["turn"] != .int(Int64(2 * round)) { ended = try await caller.event("turn.ended") }
            #expect(ended["outcome"] == "answered" && ended["user"] == "are you there")
        }
        #expect(try server().manager.activeCount == 1)
        try await caller.hangUp()
        try await server().settle()
    }

    @Test(.server { $0.policy.resumeWindow = .seconds(60) })
    func `audio that comes faster than it is heard is taken to its end, whichever loop it comes by`() async throws {
        var caller = try await server().call("profile=mock&reply_ms=100&resumable=true")
        for turn in 1...6 {
            let token = try #require(await caller.resumeToken)
            await caller.connection.close()
            caller = try await resumed(token)
            let silence = ClientFrame.audio([UInt8](repeating: 0, count: 64_000)).bytes
            await caller.connection.send(Array(repeatElement(silence, count: 24).joined()))
            await caller.send(["type": "text", "text": "are you there"])
            #expect(try await caller.event("turn.ended")["turn"] == .int(Int64(turn)))
        }
        try await caller.hangUp()
    }

    @Test(.server) func `a token is good once`() async throws {
        let caller = try await server().call("profile=mock&resumable=true")
        let token = try #require(await caller.resumeToken)
        await caller.connection.close()
        let second = try await resumed(token)
        let refusal = await #expect(throws: HTTPReply.self) { _ = try await resumed(token) }
        #expect(refusal?.status == 404 && refusal?.problem == "session.resume_not_found")
        #expect(await second.resumeToken != token)
        try await second.hangUp()
    }

    @Test(.server { $0.policy.resumeWindow = .milliseconds(50) })
    func `a caller who does not come back in time has lost it`() async throws {
        let caller = try await server().call("profile=mock&resumable=true")
        let token = try #require(await caller.resumeToken)
        await caller.connection.close()
        try await server().settle()
        await #expect(throws: HTTPReply.self) { _ = try await resumed(token) }
    }

    @Test(.server) func `the new socket replaces one that the server believes alive`() async throws {
        let caller = try await server().call("profile=mock&resumable=true")
        let second = try await resumed(try #require(await caller.resumeToken))
        #expect(try await caller.end() == 1000)
        await second.send(["type": "text", "text": "hello"])
        #expect(try await second.event("turn.ended")["outcome"] == "answered")
        try await second.hangUp()
        try await server().settle()
    }

    /// Its handshake and its goodbye come in one packet: it has gone before the session's loop has heard of it.
    @Test(.server) func `a socket that says goodbye at once ends the session, whichever loop it is on`() async throws {
        for _ in 0..<12 {
            let caller = try await server().call("profile=mock&resumable=true")
            let token = try #require(await caller.resumeToken)
            let brief = try await Connection.open(port: server().port)
            await brief.send(Handshake(target: "/v1/talk?resume=\(token)").bytes + ClientFrame.close(1000).bytes)
            try await server().settle()
            await brief.close()
            await caller.connection.close()
        }
    }

    @Test(.server) func `who did not ask for it has no token, and holds no place`() async throws {
        let caller = try await server().call("profile=mock")
        #expect(await caller.resumeToken == nil)
        await caller.connection.close()
        try await server().settle()
        let echo = try await server().call("profile=echo&resumable=true")
        #expect(await echo.resumeToken == nil, "a loopback has nothing to come back to")
        try await echo.hangUp()
    }
}
