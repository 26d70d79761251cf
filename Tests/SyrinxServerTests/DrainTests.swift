// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxRuntime
import Testing

@Suite("Drain", .tags(.integration))
struct DrainTests {
    @Test(.server)
    func `a draining server refuses new calls and lets live ones finish`() async throws {
        let server = try server()
        let caller = try await server.call("profile=mock&reply_ms=200")
        async let forced = server.manager.drain(deadline: .seconds(60))
        try await untilDraining(server)

        let refusal = await #expect(throws: HTTPReply.self) { _ = try await server.call() }
        #expect(refusal?.status == 503)
        #expect(refusal?.problem == "session.draining")
        #expect(refusal?["retry-after"] != nil)
        let readiness = try await server.http.get("/readyz")
        #expect(readiness.status == 503)
        #expect(readiness.json["status"] == "draining")
        #expect(try await server.http.get("/livez").status == 200, "it lives as long as its calls")

        await caller.send(["type": "text", "text": "hello"])
        #expect(try await caller.event("turn.ended")["outcome"] == "answered")
        try await caller.hangUp()
        #expect(await forced == 0)
    }

    @Test(.server)
    func `at the deadline the rest is closed as drained`() async throws {
        let server = try server()
        let callers = [try await server.call("profile=mock"), try await server.call("profile=echo")]
        async let forced = server.manager.drain(deadline: .milliseconds(20))
        for caller in callers {
            #expect(try await caller.event("session.closed")["reason"] == "drained")
            #expect(try await caller.end() == 1001, "call again, elsewhere")
        }
        #expect(await forced == 2)
        try await server.settle()
    }

    @Test(.server)
    func `a server without calls is drained at once, and may go on`() async throws {
        let server = try server()
        #expect(await server.manager.drain(deadline: .seconds(60)) == 0)
        server.manager.cancelDraining()
        try await server.call().hangUp()
    }

    private func untilDraining(_ server: TestServer) async throws {
        while !server.manager.isDraining { try await Task.sleep(for: .milliseconds(1)) }
    }
}
