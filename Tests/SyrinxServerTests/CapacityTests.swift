// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import Testing

@Suite("Capacity", .tags(.integration))
struct CapacityTests {
    private static let limit = 40

    /// The calls of a rush that were let in, and the refusals.
    private func rush(_ count: Int, on server: TestServer) async -> (callers: [Caller], refusals: [HTTPReply]) {
        await withTaskGroup(of: Result<Caller, any Error>.self) { group in
            for number in 0..<count {
                group.addTask {
                    do { return .success(try await server.call("profile=echo&user=\(number)")) } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: ([], [])) { outcome, result in
                switch result {
                case .success(let caller): outcome.0.append(caller)
                case .failure(let error as HTTPReply): outcome.1.append(error)
                case .failure(let error): Issue.record(error)
                }
            }
        }
    }

    @Test(.server { $0.policy.limits.maxSessions = limit })
    func `exactly as many sessions as there are places, and every end frees one`() async throws {
        let server = try server()
        let (callers, refusals) = await rush(Self.limit + 50, on: server)
        #expect(callers.count == Self.limit)
        #expect(refusals.count == 50)
        for refusal in refusals {
            #expect(refusal.status == 503)
            #expect(refusal.problem == "session.limit_exceeded")
            #expect(refusal["retry-after"] == "2")
        }
        #expect(try await server.http.get("/readyz").status == 503)
        #expect(try await server.http.get("/healthz").json["status"] == "degraded")
        try await callers[0].hangUp()
        try await server.settle(at: Self.limit - 1)
        try await server.call().hangUp()
        for caller in callers.dropFirst() { try await caller.hangUp() }
        try await server.settle()
        #expect(try await server.http.get("/readyz").status == 200)
    }

    @Test(.server)
    func `every way to go leaves no session behind`() async throws {
        let server = try server()
        let (callers, refusals) = await rush(60, on: server)
        #expect(refusals.isEmpty)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, caller) in callers.enumerated().shuffled() {
                group.addTask { try await leave(caller, way: number % 6, server) }
            }
            try await group.waitForAll()
        }
        try await server.settle()
        for provider in server.server.host.openProviders { #expect(provider.openSessions == 0) }
    }

    private func leave(_ caller: Caller, way: Int, _ server: TestServer) async throws {
        switch way {
        case 0: try await caller.hangUp()
        case 1: try await caller.connection.abort()
        case 2: await caller.connection.close()
        case 3: await caller.send(ClientFrame(0xB))
        case 4: await caller.send(["type": "close"])
        default: #expect(try await server.http.send("DELETE", "/v1/sessions/\(caller.session)").status == 202)
        }
    }

    @Test(.server { $0.policy.limits.maxSessions = 1 })
    func `a refused session gives its place back`() async throws {
        let server = try server()
        for query in ["profile=nix", "profile=mock&reply_ms=-1", "profile=mock&vad=nix"] {
            await #expect(throws: HTTPReply.self) { _ = try await server.call(query) }
            try await server.settle()
        }
        try await server.call().hangUp()
    }
}
