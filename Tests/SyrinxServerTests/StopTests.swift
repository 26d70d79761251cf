// SPDX-License-Identifier: Apache-2.0

import Glibc
import SyrinxCore
import SyrinxRuntime
import SyrinxServer
import Testing

@testable import SyrinxCLI

/// The end of a server, by whoever wants it.
@Suite("Stopping", .tags(.integration))
struct StopTests {
    private func disposition(_ number: Int32) -> UInt {
        var action = sigaction()
        sigaction(number, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
    }

    @Test func `a server that is embedded leaves the signals of its process alone`() async throws {
        let before = [SIGTERM, SIGINT].map(disposition)
        let server = try await TestServer.start { _ in }
        #expect([SIGTERM, SIGINT].map(disposition) == before)
        await server.stop()
        #expect([SIGTERM, SIGINT].map(disposition) == before)
    }

    @Test func `calls of a server whose task is cancelled are told, and end`() async throws {
        let server = try await TestServer.start { _ in }
        let callers = [try await server.call("profile=mock"), try await server.call("profile=echo")]
        async let stopped: Void = server.stop()
        for caller in callers {
            #expect(try await caller.event("session.closed")["reason"] == "host_shutdown")
            #expect(try await caller.end() == 1001)
        }
        await stopped
    }

    @Test func `the command takes signals over, and gives them back as they were`() async throws {
        signal(SIGUSR2, SIG_IGN)
        let before = disposition(SIGUSR2)
        // Again and again: the window at either end is short.
        for _ in 0..<100 {
            let signals = ProcessSignals([SIGUSR2])
            kill(getpid(), SIGUSR2)
            var seen = 0
            for await _ in signals.stream {
                seen += 1
                break
            }
            #expect(seen == 1)
            signals.stop()
            #expect(disposition(SIGUSR2) == before)
        }
    }

    @Test func `a source of stops that ends does not end the server`() async throws {
        let (stops, continuation) = AsyncStream<Void>.makeStream()
        continuation.finish()
        let server = try await TestServer.start(stops: stops) { _ in }
        try await server.call().hangUp()
        await server.stop()
        #expect(try await server.exitCode == 0)
    }

    @Test func `the first stop drains, the second closes what is left, and the exit code tells`() async throws {
        let (stops, continuation) = AsyncStream<Void>.makeStream()
        let server = try await TestServer.start(stops: stops) { $0.policy.drain.deadline = .seconds(3600) }
        let caller = try await server.call("profile=mock")
        continuation.yield()
        while !server.manager.isDraining { await Task.yield() }
        #expect(try await server.http.get("/readyz").status == 503)
        continuation.yield()
        #expect(try await caller.event("session.closed")["reason"] == "drained")
        #expect(try await caller.end() == 1001)
        #expect(try await server.exitCode == 3)
    }

    @Test func `a drained server whose calls have ended by themselves is content`() async throws {
        let (stops, continuation) = AsyncStream<Void>.makeStream()
        let server = try await TestServer.start(stops: stops) { $0.policy.drain.deadline = .seconds(3600) }
        let caller = try await server.call("profile=mock")
        continuation.yield()
        while !server.manager.isDraining { await Task.yield() }
        try await caller.hangUp()
        #expect(try await server.exitCode == 0)
    }
}
