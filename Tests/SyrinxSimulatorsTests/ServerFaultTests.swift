// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxSimulators
internal import Testing

/// Faults happen where they should, seen byte by byte.
@Suite struct ServerFaultTests {
    private func with<Value>(
        _ faults: String = "", key: String? = nil, latency: Int = 0,
        _ body: (RawClient, SimulatorServer) async throws -> Value
    ) async throws -> Value {
        let server = try await SimulatorServer.start(CountingSimulator(faults: faults, key: key, latency: latency))
        do {
            let value = try await body(RawClient(server), server)
            await server.stop()
            return value
        } catch {
            await server.stop()
            throw error
        }
    }

    // MARK: sockets

    private static let sockets: [(faults: String, messages: [String], close: Int?)] = [
        ("", ["{\"count\":1}", "{\"count\":2}", "{\"count\":3}", "hi"], 1000),
        ("after=count:2,cut", ["{\"count\":1}", "{\"count\":2}"], nil),
        ("at=count:2,cut", ["{\"count\":1}"], nil),
        ("after=count:2,close=1011:NET-0000", ["{\"count\":1}", "{\"count\":2}"], 1011),
        ("close=1008", [], 1008),
        ("at=count:2,drop", ["{\"count\":1}", "{\"count\":3}", "hi"], 1000),
        (
            "at=count:1,error=bad", ["{\"error\":\"bad\"}", "{\"count\":1}", "{\"count\":2}", "{\"count\":3}", "hi"],
            1000
        ),
        ("at=count:2,malformed=half_json", ["{\"count\":1}", "{\"cou", "{\"count\":3}", "hi"], 1000),
        ("at=count,malformed=wrong_types", Array(repeating: "{\"count\":\"many\"}", count: 3) + ["hi"], 1000),
        ("at=count:2,truncate", ["{\"count\":1}", "{\"cou"], nil),
        ("at=count:3,malformed=empty", ["{\"count\":1}", "{\"count\":2}", "", "hi"], 1000),
        ("at=count:2,latency=30", ["{\"count\":1}", "{\"count\":2}", "{\"count\":3}", "hi"], 1000),
    ]

    @Test(arguments: Self.sockets)
    func `a socket goes as far as its faults let it`(
        _ row: (faults: String, messages: [String], close: Int?)
    ) async throws {
        // The echo is asked for a moment later than the count begins; both orders are right.
        let answer = try await with(row.faults) { client, _ in try await client.socket("/count", sends: ["hi", "bye"]) }
        #expect(answer.head.hasPrefix("HTTP/1.1 101"))
        #expect(answer.head.lowercased().contains("x-vendor: counting"))
        let counted = answer.messages.filter { $0 != "hi" }
        #expect(counted == row.messages.filter { $0 != "hi" })
        #expect(answer.close?.code == row.close)
        #expect(answer.rest == 0)
    }

    @Test
    func `the reason of a close is sent`() async throws {
        let answer = try await with("close=1011:NET-0000") { client, _ in try await client.socket("/count") }
        #expect(answer.close?.reason == "NET-0000")
    }

    @Test
    func `silence leaves the socket open`() async throws {
        let server = try await SimulatorServer.start(CountingSimulator(faults: "after=count:1,silence"))
        let answer = Task { try await RawClient(server).socket("/count", sends: ["hi"]) }
        _ = await server.log.first { $0.kind == .received }
        await server.stop()
        #expect(try await answer.value.messages == ["{\"count\":1}"])
    }

    @Test
    func `invalid UTF-8 is sent as text`() async throws {
        let answer = try await with("malformed=invalid_utf8") { client, _ in try await client.socket("/count", count: 1)
        }
        let payload = try #require(answer.frames.first?.payload)
        #expect(answer.frames.first?.opcode == 1)
        #expect(String(validating: payload, as: UTF8.self) == nil)
    }

    @Test
    func `only so many connections are hit`() async throws {
        try await with("after=count:1,cut,times=1,skip=1") { client, _ in
            var counts: [Int] = []
            for _ in 0..<4 { counts.append(try await client.socket("/count", sends: ["bye"]).messages.count) }
            #expect(counts == [3, 1, 3, 3])
        }
    }

    @Test
    func `a byte at a time is whole in the end`() async throws {
        let began = ContinuousClock.now
        let answer = try await with("drip=1") { client, _ in try await client.socket("/count", count: 3) }
        #expect(answer.messages == ["{\"count\":1}", "{\"count\":2}", "{\"count\":3}"])
        #expect(ContinuousClock.now - began >= .milliseconds(35))
    }

    // MARK: requests

    @Test
    func `streams and events break off at their points`() async throws {
        let whole = try await with { client, _ in try await client.request("GET", "/lines") }
        #expect(whole.contains("{\"count\":3}\n"))
        let events = try await with { client, _ in try await client.request("GET", "/events") }
        #expect(events.contains("event: n\ndata: {\"count\":1}\n\n"))
        let cut = try await with("after=count:2,cut") { client, _ in try await client.request("GET", "/lines") }
        #expect(cut.contains("{\"count\":2}\n") && !cut.contains("{\"count\":3}"))
        #expect(!cut.hasSuffix("0\r\n\r\n"))
        let failed = try await with("at=count:2,error=full") { client, _ in try await client.request("GET", "/events") }
        #expect(failed.contains("data: {\"error\":\"full\"}\n\n") && !failed.contains("{\"count\":2}"))
    }

    @Test
    func `requests are refused so often, then served`() async throws {
        try await with("path=/echo,status=429,retry_after=2,code=slow,times=2") { client, _ in
            for _ in 0..<2 {
                let answer = try await client.request("POST", "/echo", body: "{\"a\":1}")
                #expect(answer.hasPrefix("HTTP/1.1 429"))
                #expect(answer.contains("retry-after: 2") && answer.contains("\"code\":\"slow\""))
            }
            let spared = try await client.request("GET", "/lines")
            #expect(spared.hasPrefix("HTTP/1.1 200"))
            let answer = try await client.request("POST", "/echo", body: "{\"a\":1}")
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("{\"echo\":{\"a\":1}}"))
        }
    }

    @Test
    func `a cut at the connect leaves no answer`() async throws {
        let answer = try await with("cut") { client, _ in try await client.request("POST", "/echo", body: "{}") }
        #expect(answer.isEmpty)
    }

    @Test
    func `whole answers are malformed, too`() async throws {
        let answer = try await with("malformed=half_json") { client, _ in
            try await client.request("POST", "/echo", body: "{\"a\":1}")
        }
        #expect(answer.contains("{\"echo\":{") && !answer.contains("\"a\":1}}"))
        #expect(answer.hasSuffix("0\r\n\r\n"))
    }

    @Test
    func `latency delays the head`() async throws {
        let began = ContinuousClock.now
        _ = try await with(latency: 60) { client, _ in try await client.request("GET", "/lines") }
        #expect(ContinuousClock.now - began >= .milliseconds(60))
    }

    // MARK: keys and the log

    @Test
    func `the key is asked for`() async throws {
        try await with(key: "k") { client, server in
            let without = try await client.request("GET", "/lines")
            #expect(without.hasPrefix("HTTP/1.1 401"))
            let refused = try await client.socket(
                "/count", headers: ["Authorization: Bearer wrong", "Connection: close"])
            #expect(refused.head.hasPrefix("HTTP/1.1 401"))
            let with = try await client.request("GET", "/lines", headers: ["Authorization: Bearer k"])
            #expect(with.hasPrefix("HTTP/1.1 200"))
            #expect(server.log.requests.map(\.path) == ["/lines", "/count", "/lines"])
        }
    }

    @Test
    func `what came and went is in the log`() async throws {
        try await with { client, server in
            _ = try await client.socket("/count?a=b%20c", sends: ["hi", "bye"])
            let closed = await server.log.first { $0.kind == .closed }
            #expect(closed.connection == 1)
            #expect(server.log.received == ["hi", "bye"])
            #expect(server.log.requests.first?.query("a") == "b c")
            #expect(server.log.texts(.sent).contains("close 1000 bye"))
        }
    }

    @Test
    func `a socket is no page`() async throws {
        let answer = try await with { client, _ in try await client.request("GET", "/count") }
        #expect(answer.hasPrefix("HTTP/1.1 426"))
    }

    @Test
    func `a point that is not there stops the start`() async throws {
        let simulator = try CountingSimulator(faults: "after=cuont,cut")
        await #expect(throws: SyrinxError.self) { try await SimulatorServer.start(simulator) }
    }
}
