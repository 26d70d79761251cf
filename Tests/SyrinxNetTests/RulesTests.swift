// SPDX-License-Identifier: Apache-2.0

import Dispatch
import NIOPosix
import Synchronization
import SyrinxCore
import SyrinxNet
import Testing

@Suite(.timeLimit(.minutes(3))) struct RulesTests {
    @Test(arguments: ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
    func `an inner address is not reached unless it is allowed, whatever it is called`(host: String) async throws {
        let server = try await RawServer { connection in _ = try await connection.head() }
        let bench = try Bench()
        let request = try Bench.request("http://\(host):\(server.port)/", allow: ["10.0.0.0/8"])
        for recorder in [bench.start(request).1, bench.open(request).1] {
            let failure = try #require(try await recorder.end().failure)
            #expect(failure.kind == .refusedByRules)
            #expect(failure.message.contains("is at an address that plugins may not reach"))
        }
        #expect(server.connections.value.isEmpty)
        server.stop()
    }

    @Test func `a place that is not listed is not even looked up`() async throws {
        let asked = Mutex<[String]>([])
        let bench = try Bench { settings in
            settings.lookup = { name in
                asked.withLock { $0.append(name) }
                return []
            }
        }
        var request = try Bench.request("https://api.example.com/v1")
        request.rules.origins = [try #require(EgressPattern("https://other.example.com"))]
        let (_, recorder) = bench.start(request)
        #expect(try await recorder.end().failure?.kind == .refusedByRules)
        bench.client.prewarm(request)
        request.rules.origins = [try #require(EgressPattern("api.example.com"))]
        let (_, allowed) = bench.start(request)
        #expect(try await allowed.end().failure?.kind == .noSuchHost)
        #expect(asked.withLock { $0 } == ["api.example.com"])
    }

    @Test func `a name with many addresses is reached at one that is allowed and answers`() async throws {
        let server = try await RawServer { connection in
            _ = try await connection.head()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            try await connection.over()
        }
        // The first may not be reached, the second refuses, the third is the server's.
        let bench = try Bench { $0.lookup = { _ in [[10, 0, 0, 1], [127, 0, 0, 9], [127, 0, 0, 1]] } }
        let (_, recorder) = bench.start(try Bench.request("http://many.example:\(server.port)/"))
        #expect(try await recorder.end().failure == nil)
        server.stop()
    }

    @Test func `a name without an address is told`() async throws {
        let (_, recorder) = try Bench().start(try Bench.request("http://nowhere.invalid/"))
        let failure = try #require(try await recorder.end().failure)
        #expect(failure.kind == .noSuchHost && failure.message.contains("nowhere.invalid"))
    }

    @Test func `a look-up that hangs is cut off in time`() async throws {
        let gate = DispatchSemaphore(value: 0)
        let bench = try Bench { settings in
            settings.lookup = { _ in
                gate.wait()
                return []
            }
        }
        var request = try Bench.request("http://slow.example/")
        request.connectTimeout = .milliseconds(100)
        let (_, recorder) = bench.start(request)
        #expect(try await recorder.end().failure?.kind == .timeout)
        gate.signal()
    }

    @Test func `a request that is malformed goes nowhere`() async throws {
        let bench = try Bench()
        var request = try Bench.request("http://127.0.0.1:1/")
        request.method = "GET / HTTP/1.1\r\nX:"
        let (_, first) = bench.start(request)
        #expect(try await first.end().failure?.kind == .protocolBroken)
        request.method = "GET"
        request.headers = [("X", "a\r\nY: b")]
        let (_, second) = bench.start(request)
        let failure = try #require(try await second.end().failure)
        #expect(failure.kind == .protocolBroken && !failure.message.contains("Y: b"))
    }

    @Test func `a client that was shut down takes no more`() async throws {
        let server = try await RawServer { connection in try await connection.over() }
        let bench = try Bench()
        let request = try Bench.request("http://localhost:\(server.port)/")
        let (_, running) = bench.start(request)
        _ = try await server.connections.until("connection") { $0.isEmpty ? nil : true }
        bench.client.shutdown()
        #expect(try await running.end().failure?.kind == .aborted)
        #expect(try await bench.start(request).1.end().failure?.kind == .aborted)
        server.stop()
    }

    @Test func `trusted certificates that cannot be read are told at once`() {
        #expect(throws: NetworkFailure.self) {
            try NetClient(group: MultiThreadedEventLoopGroup.singleton, trustedRoots: "/nonexistent.pem")
        }
    }
}
